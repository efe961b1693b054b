import { assert, layer } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { PostgresJobClaims } from "../../../layers/postgres/PostgresJobClaims.ts"
import { PostgresProcessRegistry } from "../../../layers/postgres/PostgresProcessRegistry.ts"
import { JobClaims, type JobKey } from "../../../src/services/JobClaims.ts"
import { ProcessRegistry } from "../../../src/services/ProcessRegistry.ts"
import { ownTables } from "../../support/invoiceTables.ts"
import { isNarrowed } from "../../support/postgresAt.ts"
import { until } from "../../support/until.ts"

let jobs = 0
const newJob = (): JobKey => ({ queue: "invoice-processing", jobId: `job-${++jobs}`, tenant: "t" })

/** A process on the same tables, and the ways in which it goes on. */
const aProcess = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const context = yield* Layer.build(Layer.fresh(Layer.provideMerge(PostgresJobClaims, PostgresProcessRegistry("test"))))
  const registry = Context.get(context, ProcessRegistry)
  yield* registry.beat
  return {
    claims: Context.get(context, JobClaims),
    leaves: registry.leave,
    shows: registry.beat,
    /** It has shown itself so many seconds ago for the last time. */
    silentFor: (seconds: number) => sql`UPDATE tt_worker.processes SET "heartbeatAt" = now() - ${seconds} * interval '1 second' WHERE id = ${registry.id}`
  }
})

const rowOf = ({ jobId }: JobKey) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(sql<{ readonly deaths: number; readonly deathsAlone: number; readonly processId: string | null; readonly alone: boolean }>`
      SELECT deaths, "deathsAlone", "processId", alone FROM tt_worker.job_claims WHERE "jobId" = ${jobId}`, ([row]) => row))

layer(ownTables, { excludeTestServices: true })("the record of running jobs", (it) => {
  it.effect("knows nothing of a job that runs for the first time", () =>
    Effect.gen(function*() {
      const { claims } = yield* aProcess
      assert.deepStrictEqual(yield* claims.begin(newJob(), null), { deaths: 0, deathsAlone: 0 })
    }))

  it.effect("counts a process that died while it ran the job: one that has not shown itself for six seconds", () =>
    Effect.gen(function*() {
      const job = newJob()
      const [first, second, third] = [yield* aProcess, yield* aProcess, yield* aProcess]
      yield* first.claims.begin(job, null)
      yield* first.silentFor(7)
      assert.deepStrictEqual(yield* second.claims.begin(job, null), { deaths: 1, deathsAlone: 0 })
      yield* second.silentFor(60)
      assert.deepStrictEqual(yield* third.claims.begin(job, null), { deaths: 2, deathsAlone: 0 })
    }))

  it.effect("takes nobody for dead in the first six seconds after an outage, when others may not have shown themselves again yet", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const [other, mine] = [yield* aProcess, yield* aProcess]
      const [first, later] = [newJob(), newJob()]
      for (const job of [first, later]) yield* other.claims.begin(job, null)
      yield* other.silentFor(20)
      yield* mine.silentFor(20)
      yield* mine.shows
      assert.deepStrictEqual(yield* mine.claims.begin(first, null), { deaths: 0, deathsAlone: 0 })
      yield* sql`UPDATE tt_worker.processes SET "steadySince" = "steadySince" - interval '7 seconds' WHERE "steadySince" > '-infinity'`
      yield* mine.shows
      assert.deepStrictEqual(yield* mine.claims.begin(later, null), { deaths: 1, deathsAlone: 0 })
    }))

  it.effect("counts a process whose row is gone, but not one that lives, or has left, or is this one", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const [other, mine] = [yield* aProcess, yield* aProcess]
      const [living, left, own, gone] = [newJob(), newJob(), newJob(), newJob()]
      for (const job of [living, left, gone]) yield* other.claims.begin(job, null)
      yield* other.silentFor(4)
      assert.deepStrictEqual(yield* mine.claims.begin(living, null), { deaths: 0, deathsAlone: 0 })
      yield* other.leaves
      yield* other.silentFor(60)
      assert.deepStrictEqual(yield* mine.claims.begin(left, null), { deaths: 0, deathsAlone: 0 })
      yield* mine.claims.begin(own, null)
      yield* mine.silentFor(60)
      assert.deepStrictEqual(yield* mine.claims.begin(own, null), { deaths: 0, deathsAlone: 0 })
      yield* sql`DELETE FROM tt_worker.processes`
      assert.deepStrictEqual(yield* mine.claims.begin(gone, null), { deaths: 1, deathsAlone: 0 })
    }))

  it.effect("does not blame one tenant's job for what another's of the same id did before", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const job = newJob()
      const [first, second] = [yield* aProcess, yield* aProcess]
      yield* first.claims.begin(job, null)
      yield* first.claims.runsAlone(job)
      yield* first.silentFor(10)
      assert.deepStrictEqual(yield* second.claims.begin({ ...job, tenant: "another" }, null), { deaths: 0, deathsAlone: 0 })
      const rows = yield* sql`SELECT "tenantId" FROM tt_worker.job_claims WHERE "jobId" = ${job.jobId}`
      assert.deepStrictEqual(rows.map((row) => row["tenantId"]), ["another"])
    }))

  it.effect("counts a death alone only where the job ran alone in that process", () =>
    Effect.gen(function*() {
      const job = newJob()
      const [first, second, third, fourth] = [yield* aProcess, yield* aProcess, yield* aProcess, yield* aProcess]
      yield* first.claims.begin(job, null)
      yield* first.silentFor(10)
      yield* second.claims.begin(job, null)
      yield* second.claims.runsAlone(job)
      yield* second.silentFor(10)
      assert.deepStrictEqual(yield* third.claims.begin(job, null), { deaths: 2, deathsAlone: 1 })
      // It has begun anew, among others.
      yield* third.silentFor(10)
      assert.deepStrictEqual(yield* fourth.claims.begin(job, null), { deaths: 3, deathsAlone: 1 })
    }))

  it.effect("keeps the history of a job that was put back, without blaming whoever put it back", () =>
    Effect.gen(function*() {
      const job = newJob()
      const [first, second, third] = [yield* aProcess, yield* aProcess, yield* aProcess]
      yield* first.claims.begin(job, null)
      yield* first.silentFor(10)
      yield* second.claims.begin(job, null)
      yield* second.claims.runsAlone(job)
      yield* second.claims.putBack(job)
      yield* until(rowOf(job), (row) => row?.processId === null)
      yield* second.silentFor(10)
      assert.deepStrictEqual(yield* third.claims.begin(job, null), { deaths: 1, deathsAlone: 0 })
    }))

  it.effect("forgets a job that has ended, but not one that another process has by now", () =>
    Effect.gen(function*() {
      const [job, taken] = [newJob(), newJob()]
      const [first, second] = [yield* aProcess, yield* aProcess]
      yield* first.claims.begin(job, null)
      yield* first.claims.begin(taken, null)
      yield* second.claims.begin(taken, null)
      yield* first.claims.end(taken)
      yield* first.claims.putBack(taken)
      yield* first.claims.runsAlone(taken)
      yield* first.claims.end(job)
      yield* until(rowOf(job), (row) => row === undefined)
      yield* Effect.sleep("200 millis")
      const row = yield* rowOf(taken)
      assert.isNotNull(row?.processId)
      assert.isFalse(row?.alone)
    }))

  it.effect("begins with the death of the process that lost the job first, once, and only if that died", () =>
    Effect.gen(function*() {
      const [dead, living, mine, next] = [yield* aProcess, yield* aProcess, yield* aProcess, yield* aProcess]
      const [killer, victim, unknown] = [newJob(), newJob(), newJob()]
      yield* dead.silentFor(7)
      assert.deepStrictEqual(yield* mine.claims.begin(killer, dead.claims.holder), { deaths: 1, deathsAlone: 0 })
      assert.deepStrictEqual(yield* mine.claims.begin(victim, living.claims.holder), { deaths: 0, deathsAlone: 0 })
      assert.deepStrictEqual(yield* mine.claims.begin(unknown, null), { deaths: 0, deathsAlone: 0 })
      // From then on the record says who had it.
      assert.deepStrictEqual(yield* next.claims.begin(killer, dead.claims.holder), { deaths: 1, deathsAlone: 0 })
      yield* next.silentFor(10)
      assert.deepStrictEqual(yield* mine.claims.begin(killer, next.claims.holder), { deaths: 2, deathsAlone: 0 })
    }))

  it.effect("names the jobs of a queue that have a record", () =>
    Effect.gen(function*() {
      const { claims } = yield* aProcess
      const [here, ended] = [newJob(), newJob()].map((job): JobKey => ({ ...job, queue: "automation" }))
      if (here === undefined || ended === undefined) return yield* Effect.die("no jobs")
      for (const job of [here, ended, newJob()]) yield* claims.begin(job, null)
      yield* claims.end(ended)
      yield* until(Effect.map(claims.recorded("automation"), (jobs) => [...jobs].join()), (jobs) => jobs === here.jobId)
    }))

  it.effect("takes the same job twice at one moment, and job ids of one name in two queues apart", () =>
    Effect.gen(function*() {
      const [dead, mine] = [yield* aProcess, yield* aProcess]
      const job = newJob()
      const elsewhere: JobKey = { ...job, queue: "email-sync" }
      yield* dead.claims.begin(job, null)
      yield* dead.silentFor(10)
      const [once, again, other] = yield* Effect.all([mine.claims.begin(job, null), mine.claims.begin(job, null), mine.claims.begin(elsewhere, null)], { concurrency: "unbounded" })
      assert.deepStrictEqual([once, again, other], [{ deaths: 1, deathsAlone: 0 }, { deaths: 1, deathsAlone: 0 }, { deaths: 0, deathsAlone: 0 }])
    }))

  it.effect("takes what PostgreSQL cannot keep in a text, and lets the jobs of the same moment begin", () =>
    Effect.gen(function*() {
      const [dead, mine] = [yield* aProcess, yield* aProcess]
      const odd: ReadonlyArray<JobKey> = [{ ...newJob(), tenant: "a\0b" }, { ...newJob(), jobId: "x\0y" }, { ...newJob(), jobId: "\uD800" }, newJob()]
      const beginAll = (claims: JobClaims["Service"]) => Effect.forEach(odd, (job) => claims.begin(job, null), { concurrency: "unbounded" })
      yield* beginAll(dead.claims)
      yield* dead.silentFor(10)
      assert.deepStrictEqual((yield* beginAll(mine.claims)).map(({ deaths }) => deaths), [1, 1, 1, 1])
    }))

  it.effect.skipIf(isNarrowed)("says that the record is out of reach, so that the job can be put off", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const { claims } = yield* aProcess
      yield* sql`ALTER TABLE tt_worker.job_claims RENAME TO away`
      const error = yield* Effect.flip(claims.begin(newJob(), null)).pipe(Effect.ensuring(Effect.orDie(sql`ALTER TABLE tt_worker.away RENAME TO job_claims`)))
      assert.deepInclude(error, { code: "database-unavailable" })
      assert.deepStrictEqual(error.retry._tag, "RateLimited")
      assert.deepStrictEqual(yield* claims.begin(newJob(), null), { deaths: 0, deathsAlone: 0 })
    }))
})
