import { Effect, Schedule, Schema, type Scope } from "effect"
import { Client, Pool } from "pg"
import { FinalRow, LedgerEntry, readFinalRows, readLedger } from "./LedgerEntry.ts"

/** A lock on an invoice's row, held by the harness: whoever wants to write it waits. */
export interface RowLock {
  /** Ports of those who wait for it. */
  readonly waiting: Effect.Effect<ReadonlyArray<number>>
  readonly release: Effect.Effect<void>
}

/** The harness' own way to a scenario's database, past every link that it breaks. What a dead or silent server leaves unanswered is asked again. */
export interface Database {
  readonly url: string
  readonly ask: <A, I>(rows: Schema.Codec<ReadonlyArray<A>, I>, text: string, values?: ReadonlyArray<unknown>) => Effect.Effect<ReadonlyArray<A>>
  /** For statements that may be repeated. */
  readonly tell: (text: string, values?: ReadonlyArray<unknown>) => Effect.Effect<void>
  readonly ledger: Effect.Effect<ReadonlyArray<LedgerEntry>>
  readonly finalRows: Effect.Effect<ReadonlyArray<FinalRow>>
  readonly lockRow: (invoiceId: string) => Effect.Effect<RowLock, never, Scope.Scope>
}

const Ports = Schema.Array(Schema.Struct({ port: Schema.NullOr(Schema.Number) }))
const Pid = Schema.Array(Schema.Struct({ pid: Schema.Number }))

export const openDatabase = (url: string): Effect.Effect<Database, never, Scope.Scope> =>
  Effect.gen(function*() {
    const pool = yield* Effect.acquireRelease(
      Effect.sync(() => {
        const open = new Pool({ connectionString: url, max: 6, connectionTimeoutMillis: 3_000, query_timeout: 6_000 })
        // The servers are killed on purpose; without a listener that would end the process.
        open.on("error", () => undefined)
        return open
      }),
      (open) => Effect.promise(() => open.end()).pipe(Effect.timeoutOption("3 seconds"))
    )
    const rowsOf = (text: string, values: ReadonlyArray<unknown>) =>
      Effect.tryPromise(async () => (await pool.query<Record<string, unknown>>(text, [...values])).rows).pipe(
        Effect.retry({ times: 400, schedule: Schedule.spaced("150 millis") }),
        Effect.orDie
      )
    const ask: Database["ask"] = (rows, text, values = []) =>
      Effect.flatMap(rowsOf(text, values), Schema.decodeUnknownEffect(rows)).pipe(Effect.orDie)

    const lockRow = Effect.fnUntraced(function*(invoiceId: string) {
      const client = yield* Effect.acquireRelease(
        Effect.promise(async () => {
          const own = new Client({ connectionString: url })
          own.on("error", () => undefined)
          await own.connect()
          return own
        }),
        (own) => Effect.ignore(Effect.tryPromise(() => own.end())).pipe(Effect.timeoutOption("2 seconds"))
      )
      const [me] = yield* Effect.promise(() => client.query("SELECT pg_backend_pid() AS pid")).pipe(
        Effect.flatMap(({ rows }) => Schema.decodeUnknownEffect(Pid)(rows)),
        Effect.orDie
      )
      yield* Effect.promise(() => client.query("BEGIN"))
      yield* Effect.promise(() => client.query("SELECT 1 FROM invoices WHERE id = $1 FOR UPDATE", [invoiceId]))
      return {
        waiting: ask(Ports, "SELECT client_port AS port FROM pg_stat_activity WHERE $1 = ANY(pg_blocking_pids(pid))", [me?.pid ?? 0]).pipe(
          Effect.map((found) => found.flatMap(({ port }) => port === null ? [] : [port]))
        ),
        // A server that was killed has let go already.
        release: Effect.ignore(Effect.tryPromise(() => client.query("ROLLBACK"))).pipe(Effect.timeoutOption("2 seconds"), Effect.asVoid)
      } satisfies RowLock
    })

    return {
      url,
      ask,
      tell: (text, values = []) => Effect.asVoid(rowsOf(text, values)),
      ledger: ask(Schema.Array(LedgerEntry), readLedger),
      finalRows: ask(Schema.Array(FinalRow), readFinalRows),
      lockRow
    }
  })
