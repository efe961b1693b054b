import { Console, Context, Duration, Effect, Layer, type Scope } from "effect"
import { Client } from "pg"
import { OwnRedis } from "../test/support/ownRedis.ts"
import { tempDir } from "../test/support/tempDir.ts"
import { boundedScope } from "./boundedScope.ts"
import { ledgerTables } from "./ledger/LedgerEntry.ts"
import { tenants } from "./load/Producer.ts"
import { failures, lineOf } from "./report.ts"
import { notRun, type Result, runScenario } from "./runScenario.ts"
import type { Planned } from "./scenarios/catalogue.ts"
import type { Lane } from "./scenarios/World.ts"
import { makeGates } from "./servers/gates.ts"
import { startOutsideWorld } from "./servers/outsideWorld.ts"
import { startPostgres } from "./servers/PostgresServer.ts"
import { migrate } from "./workers/WorkerProcess.ts"

const template = "chaos_template"

/** Migrated by the worker itself, as before a deployment; the queue's own tables too. */
export const fillTemplate = (url: string, folder: string): Effect.Effect<void> =>
  Effect.andThen(
    migrate({ DATABASE_URL: url, QUEUE: "postgres", STORAGE: "disk", OCR: "tesseract", EXTRACTOR: "rules", DATA_DIR: folder }, folder),
    Effect.promise(async () => {
      const client = new Client({ connectionString: url })
      await client.connect()
      await client.query(ledgerTables)
      for (const tenant of tenants) await client.query(`INSERT INTO tenants (id, name, features) VALUES ($1, $1, '{"invoices": true}')`, [tenant])
      await client.end()
    })
  )

const openLane: Effect.Effect<Lane, never, Scope.Scope> = Effect.gen(function*() {
  const folder = yield* tempDir
  const postgres = yield* startPostgres
  yield* postgres.makeDatabase(template)
  yield* fillTemplate(postgres.urlOf(template), folder)
  const redis = Context.get(yield* Layer.build(Layer.fresh(OwnRedis.layer)), OwnRedis)
  return { postgres, redis, outside: yield* startOutsideWorld(makeGates()), template }
})

/**
 * Runs what is planned, so many at a time, the longest first, each lane on servers of its own. What the budget does
 * not suffice for counts as failed.
 */
export const runAll = (planned: ReadonlyArray<Planned>, options: { readonly seed: number; readonly lanes: number; readonly logs: string; readonly budget: Duration.Duration; readonly open?: Effect.Effect<Lane, never, Scope.Scope> }): Effect.Effect<ReadonlyArray<Result>> =>
  Effect.gen(function*() {
    const waiting = [...planned].sort((a, b) => b.scenario.usualSeconds - a.scenario.usualSeconds)
    const results = new Map<Planned, Result>()
    const end = Date.now() + Duration.toMillis(options.budget)
    const work = Effect.gen(function*() {
      const lane = yield* options.open ?? openLane
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const timeLeft = Duration.millis(end - Date.now())
        const result = Duration.toSeconds(timeLeft) < 5 ? notRun(next) : yield* runScenario(lane, next, { ...options, timeLeft })
        results.set(next, result)
        yield* Console.log(lineOf(result))
        if (result.violations.length > 0) yield* Console.log(failures([result]))
      }
    }).pipe(boundedScope("20 seconds"))
    const lanes = Math.min(options.lanes, planned.length)
    yield* Effect.all(Array.from({ length: lanes }, () => work), { concurrency: "unbounded", discard: true })
    return planned.flatMap((each) => results.get(each) ?? [])
  })

