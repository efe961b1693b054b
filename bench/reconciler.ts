import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Layer } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { onRedis } from "../test/layers/bullmq/QueueServer.ts"
import { makeQueues, newTenant, pass, totalOf, upload } from "../test/support/lostJobs.ts"
import { newOutboxTables } from "../test/support/outboxTables.ts"
import { durablePostgres } from "./support/durablePostgres.ts"

/**
 * What one look of the reconciler costs beside 100,000 rows that need nothing, and how many jobs it adds: exactly the
 * lost ones. `npm run bench:reconciler`; needs redis-server.
 */
const program = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const { go, place, waiting } = yield* makeQueues

  const look = Effect.fnUntraced(function*(what: string) {
    const before = (yield* waiting).length
    const began = performance.now()
    const went = yield* go("invoices")
    const took = performance.now() - began
    const added = (yield* waiting).length - before
    yield* Console.log(`${what}: ${Math.round(took)} ms, ${added} jobs added, ${totalOf(went?.alive ?? new Map())} known jobs found alive`)
    return { added, full: went?.full === true }
  })

  yield* newTenant("off", false)
  yield* upload("off", 40_000)
  yield* newTenant("old")
  yield* upload("old", 40_000)
  yield* sql`UPDATE invoices SET "createdAt" = "createdAt" - interval '1 year', "updatedAt" = "updatedAt" - interval '1 year' WHERE "tenantId" = 'old'`
  yield* newTenant("waiting")
  yield* upload("waiting", 20_000)
  yield* pass("1 minute")
  const began = performance.now()
  while ((yield* go("invoices"))?.full === true);
  yield* Console.log(`20,000 rows of one tenant without a job: all enqueued after ${Math.round(performance.now() - began)} ms of looking, without pauses`)
  yield* pass("1 minute")
  yield* look("nothing lost")
  yield* look("nothing lost, again")
  yield* newTenant("late")
  yield* upload("late")
  yield* pass("1 minute")
  yield* look("one late upload")
  yield* pass("1 minute")
  yield* look("a minute later")
  yield* newTenant("off", true)
  yield* newTenant("waiting", false)
  yield* look("one tenant off, one with 40,000 rows on: the first go")
  yield* place.flush
  yield* newTenant("waiting", true)
  yield* newTenant("off", false)
  let gos = 0
  for (;;) {
    gos++
    if (!(yield* look(`emptied by force, go ${gos}`)).full) break
  }
  const [row] = yield* sql`SELECT count(*)::int AS invoices FROM invoices`
  yield* Console.log(`${String(row?.["invoices"])} invoices in all`)
}).pipe(Effect.scoped, Effect.provide(newOutboxTables), Effect.provide(Layer.merge(durablePostgres, onRedis)))

NodeRuntime.runMain(program)
