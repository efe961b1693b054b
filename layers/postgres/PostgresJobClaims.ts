import { Duration, Effect, Layer, Schema } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { JobClaims, JobClaimsError, type JobKey } from "../../src/services/JobClaims.ts"
import { ProcessRegistry } from "../../src/services/ProcessRegistry.ts"

const decodeHistory = Schema.decodeUnknownEffect(Schema.Tuple([Schema.Struct({ deaths: Schema.Int, deathsAlone: Schema.Int })]))
const decodeIds = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ jobId: Schema.String })))

/** A process that has not shown itself for this long is dead; three heartbeats. */
const deadAfterSeconds = 6

const answerLimit = Duration.seconds(5)

/** Producers choose job ids and tenants; what PostgreSQL cannot keep in a text is replaced. */
const storable = (text: string): string => text.toWellFormed().replaceAll("\0", "\uFFFD")

/** `JobClaims` in PostgreSQL. */
export const PostgresJobClaims: Layer.Layer<JobClaims, never, SqlClient.SqlClient | ProcessRegistry> = Layer.effect(
  JobClaims,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const { id: processId } = yield* ProcessRegistry

    const failed = (cause: unknown) => new JobClaimsError({ detail: cause instanceof Error ? cause.message : "unknown error", cause })
    const limited = <A>(effect: Effect.Effect<A, unknown>): Effect.Effect<A, JobClaimsError> =>
      effect.pipe(
        Effect.mapError(failed),
        Effect.timeoutOrElse({ duration: answerLimit, orElse: () => Effect.fail(new JobClaimsError({ detail: "the database does not answer" })) })
      )
    const isOurs = ({ jobId, queue }: JobKey) => sql`"processId" = ${processId} AND queue = ${queue} AND "jobId" = ${storable(jobId)}`
    const unwaited = (statement: Effect.Effect<unknown, unknown>) => Effect.asVoid(Effect.forkDetach(Effect.ignore(limited(statement))))
    /** An id of another tenant's job that is long gone: nobody is to blame for what that one did. */
    const isSameTenant = sql.literal(`c."tenantId" = excluded."tenantId"`)

    return JobClaims.of({
      holder: processId,
      // No span: asked every other second.
      recorded: (queue) =>
        limited(sql`SELECT "jobId" FROM tt_worker.job_claims WHERE queue = ${queue}`.pipe(
          Effect.flatMap(decodeIds),
          Effect.map((rows) => new Set(rows.map(({ jobId }) => jobId)))
        )),
      begin: Effect.fn("JobClaims.begin")(({ jobId, queue, tenant }: JobKey, lostBy: string | null) =>
        limited(
          sql`INSERT INTO tt_worker.job_claims AS c (queue, "jobId", "tenantId", "processId", deaths)
            VALUES (${queue}, ${storable(jobId)}, ${storable(tenant)}, ${processId}, tt_worker.death_of(${lostBy}::text, ${processId}, ${deadAfterSeconds}))
            ON CONFLICT (queue, "jobId") DO UPDATE SET
              deaths = CASE WHEN ${isSameTenant} THEN c.deaths + tt_worker.death_of(c."processId", excluded."processId", ${deadAfterSeconds}) ELSE excluded.deaths END,
              "deathsAlone" = CASE WHEN ${isSameTenant} THEN c."deathsAlone" + CASE WHEN c.alone THEN tt_worker.death_of(c."processId", excluded."processId", ${deadAfterSeconds}) ELSE 0 END ELSE 0 END,
              "tenantId" = excluded."tenantId", "processId" = excluded."processId", alone = false, "startedAt" = now()
            RETURNING deaths, "deathsAlone"`.pipe(Effect.flatMap(decodeHistory))
        ).pipe(Effect.map(([history]) => history))
      ),
      runsAlone: Effect.fn("JobClaims.runsAlone")((job: JobKey) => limited(Effect.asVoid(sql`UPDATE tt_worker.job_claims SET alone = true WHERE ${isOurs(job)}`))),
      end: (job) => unwaited(sql`DELETE FROM tt_worker.job_claims WHERE ${isOurs(job)}`),
      putBack: (job) => unwaited(sql`UPDATE tt_worker.job_claims SET "processId" = NULL, alone = false WHERE ${isOurs(job)}`)
    })
  })
)
