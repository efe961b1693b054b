import { Console, type DateTime, Effect, Option, Schema } from "effect"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { defaultMost, type Reconciled } from "../../src/reconciliation/reconcile.ts"
import { fileLeftovers, jobLeftovers } from "../../src/reconciliation/leftovers.ts"
import { reconciliations } from "../../src/reconciliation/reconciliations.ts"
import { json } from "./flags.ts"
import { table } from "./table.ts"

/** A dry run counts so many rows of a source at most. */
const mostCounted = 100_000

const Since = Schema.DateTimeUtcFromString

type Counts = Pick<Reconciled, "withoutJob" | "lost" | "alive">
const kinds = ["withoutJob", "lost", "alive"] as const

const add = (one: Counts, other: Counts): Counts => {
  const sum = (kind: (typeof kinds)[number]) =>
    [...other[kind]].reduce((counts, [tenant, count]) => counts.set(tenant, (counts.get(tenant) ?? 0) + count), new Map(one[kind]))
  return { withoutJob: sum("withoutJob"), lost: sum("lost"), alive: sum("alive") }
}

const rowsOf = (source: string, counts: Counts): ReadonlyArray<ReadonlyArray<string>> =>
  [...new Set(kinds.flatMap((kind) => [...counts[kind].keys()]))].sort().map((tenant) => [
    source,
    tenant,
    ...kinds.map((kind) => String(counts[kind].get(tenant) ?? 0))
  ])

const nothing: Counts = { withoutJob: new Map(), lost: new Map(), alive: new Map() }

const looked = (what: string, count: number, full: boolean): string => full ? `the first ${count} ${what}` : `${count} ${what}`

/** What a restored store has, or lacks, beside the others. An outage of one hides nothing of the others. */
const tellLeftovers = Effect.gen(function*() {
  for (const { full, looked: count, queue, withoutRow } of yield* jobLeftovers(mostCounted)) {
    const gone = [...withoutRow].sort(([a], [b]) => a.localeCompare(b)).map(([tenant, jobs]) => `${jobs} of ${tenant}`)
    yield* Console.log(`${queue}: ${looked("jobs wait, run or are delayed", count, full)}; ${gone.length === 0 ? "each has its row" : `without a row: ${gone.join(", ")}`}`)
  }
  yield* fileLeftovers(mostCounted).pipe(
    Effect.flatMap(({ full, looked: count, withoutRow }) => Console.log(`files: ${looked("are stored", count, full)}; ${withoutRow === 0 ? "an invoice names each" : `${withoutRow} that no invoice names`}`)),
    Effect.catchTag("StorageError", (error) => Console.log(`files: they could not be listed: ${error.message}`))
  )
})

/** The same for scripts. */
const leftovers = Effect.gen(function*() {
  const jobs = yield* jobLeftovers(mostCounted)
  const files = yield* fileLeftovers(mostCounted).pipe(Effect.catchTag("StorageError", ({ message }) => Effect.succeed({ error: message })))
  return { jobs: jobs.map(({ withoutRow, ...one }) => ({ ...one, withoutRow: Object.fromEntries(withoutRow) })), files }
})

/** `reconcile [--since ISO-DATE] [--dry-run]`: gives rows a job again that have lost theirs, and says how many. */
export const reconcile = Command.make(
  "reconcile",
  {
    since: Flag.String("since").pipe(
      Flag.withDescription("Also rows created since this day or time (ISO 8601), from before the worker moved in"),
      Flag.withSchema(Since),
      Flag.optional
    ),
    dryRun: Flag.Boolean("dry-run").pipe(Flag.withDescription("Only say what would be enqueued"), Flag.withDefault(false)),
    json
  },
  Effect.fnUntraced(function*({ dryRun, json, since }) {
    const options = { since: Option.getOrNull<DateTime.Utc>(since), dryRun, most: dryRun ? mostCounted : defaultMost }
    const rows: Array<ReadonlyArray<string>> = []
    const busy: Array<string> = []
    for (const { go, name } of yield* reconciliations) {
      let counts = nothing
      for (;;) {
        const went = yield* go(options)
        if (went === null) {
          busy.push(name)
          if (!json) yield* Console.log(`${name}: a worker is at it at this moment; look again in a minute`)
          break
        }
        counts = add(counts, went)
        if (dryRun || !went.full) break
      }
      rows.push(...rowsOf(name, counts))
    }
    if (json) {
      return yield* Console.log(JSON.stringify({
        dryRun,
        busy,
        rows: rows.map(([source, tenantId, ...counts]) => ({ source, tenantId, ...Object.fromEntries(kinds.map((kind, index) => [kind, Number(counts[index])])) })),
        ...(dryRun ? { leftovers: yield* leftovers } : {})
      }))
    }
    if (rows.length === 0) yield* Console.log("every row that wants a job has one")
    else yield* Console.log(table([["rows", "tenant", dryRun ? "would be enqueued" : "enqueued", dryRun ? "lost, would be enqueued" : "lost, enqueued", "job alive"], ...rows]))
    if (dryRun) yield* tellLeftovers
  })
).pipe(
  Command.withDescription("Enqueue again what has lost its job: invoices, webhook deliveries and due runs"),
  Command.withExamples([{
    command: "tt-worker reconcile --since 2026-01-01 --dry-run",
    description: "How many rows since New Year, also from before the worker moved in, have no job"
  }])
)
