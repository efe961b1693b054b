import { Duration, Effect, Layer, Schema } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { JobClaims, JobClaimsError, type JobHistory, type JobKey } from "../../src/services/JobClaims.ts"
import { ProcessRegistry } from "../../src/services/ProcessRegistry.ts"
import { oneStatement } from "./oneStatement.ts"

const Rows = Schema.Array(Schema.Struct({ queue: Schema.String, jobId: Schema.String, deaths: Schema.Int, deathsAlone: Schema.Int }))
const decodeRows = Schema.decodeUnknownEffect(Rows)

/** A process that has not shown itself for this long is dead; three heartbeats. */
const deadAfterSeconds = 6

const answerLimit = Duration.seconds(5)

/** Producers choose job ids and tenants; what PostgreSQL cannot keep in a text must not fail the statement for all the others. */
const storable = (text: string): string => text.toWellFormed().replaceAll("\0", "\uFFFD")

const keyOf = ({ jobId, queue }: { readonly queue: string; readonly jobId: string }): string => `${queue} ${storable(jobId)}`

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
    /** Nobody waits for the disk: what a crash of the server itself takes along is a suspicion, and no job's death is its doing then. */
    const unhurried = sql`(SELECT set_config('synchronous_commit', 'off', true)) AS unhurried`
    const columns = (jobs: ReadonlyArray<JobKey>) => ({
      queues: jobs.map(({ queue }) => queue),
      jobIds: jobs.map(({ jobId }) => storable(jobId)),
      tenants: jobs.map(({ tenant }) => storable(tenant))
    })

    /** An id of another tenant's job that is long gone: nobody is to blame for what that one did. */
    const isSameTenant = sql.literal(`c."tenantId" = excluded."tenantId"`)

    const begin = yield* oneStatement<JobKey, JobHistory, JobClaimsError>((jobs) => {
      const { jobIds, queues, tenants } = columns(jobs)
      return limited(
        sql`INSERT INTO tt_worker.job_claims AS c (queue, "jobId", "tenantId", "processId")
          SELECT DISTINCT ON (queue, job) queue, job, tenant, ${processId} FROM unnest(${queues}::text[], ${jobIds}::text[], ${tenants}::text[]) AS asked (queue, job, tenant)
            CROSS JOIN ${unhurried}
          ON CONFLICT (queue, "jobId") DO UPDATE SET
            deaths = CASE WHEN ${isSameTenant} THEN c.deaths + tt_worker.death_of(c."processId", excluded."processId", ${deadAfterSeconds}) ELSE 0 END,
            "deathsAlone" = CASE WHEN ${isSameTenant} THEN c."deathsAlone" + CASE WHEN c.alone THEN tt_worker.death_of(c."processId", excluded."processId", ${deadAfterSeconds}) ELSE 0 END ELSE 0 END,
            "tenantId" = excluded."tenantId", "processId" = excluded."processId", alone = false, "startedAt" = now()
          RETURNING queue, "jobId", deaths, "deathsAlone"`.pipe(Effect.flatMap(decodeRows))
      ).pipe(Effect.map((rows) => {
        const byKey = new Map(rows.map((row) => [keyOf(row), { deaths: row.deaths, deathsAlone: row.deathsAlone }]))
        return jobs.map((job) => byKey.get(keyOf(job)) ?? { deaths: 0, deathsAlone: 0 })
      }))
    })

    const done = (jobs: ReadonlyArray<JobKey>) => jobs.map(() => true)
    const isOurs = (jobs: ReadonlyArray<JobKey>) => {
      const { jobIds, queues } = columns(jobs)
      return sql`"processId" = ${processId} AND (queue, "jobId") IN (SELECT * FROM unnest(${queues}::text[], ${jobIds}::text[]))`
    }
    const forget = yield* oneStatement<JobKey, boolean, JobClaimsError>((jobs) =>
      limited(Effect.as(sql`DELETE FROM tt_worker.job_claims USING ${unhurried} WHERE ${isOurs(jobs)}`, done(jobs))))
    const release = yield* oneStatement<JobKey, boolean, JobClaimsError>((jobs) =>
      limited(Effect.as(sql`UPDATE tt_worker.job_claims SET "processId" = NULL, alone = false FROM ${unhurried} WHERE ${isOurs(jobs)}`, done(jobs))))

    return JobClaims.of({
      // No span: one for each job, many in one statement.
      begin,
      runsAlone: Effect.fn("JobClaims.runsAlone")((job: JobKey) =>
        limited(Effect.asVoid(sql`UPDATE tt_worker.job_claims SET alone = true WHERE ${isOurs([job])}`))
      ),
      end: (job) => Effect.asVoid(Effect.forkDetach(Effect.ignore(forget(job)))),
      putBack: (job) => Effect.asVoid(Effect.forkDetach(Effect.ignore(release(job))))
    })
  })
)
