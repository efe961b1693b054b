import { Duration, Effect, Schema } from "effect"
import * as ChildPool from "../../../layers/childprocess/ChildPool.ts"
import { entryBeside } from "../../../layers/childprocess/entryBeside.ts"

/** A parent to be killed: starts an idle child and one that spins, and prints their pids. */
const Part = Schema.Struct({ pid: Schema.Int, size: Schema.Int, sum: Schema.Int })

const request = (command: string) =>
  ({ command, bytes: new Uint8Array(), timeLimit: Duration.minutes(5), silenceLimit: Duration.minutes(5) })

const program = Effect.gen(function*() {
  const pool = yield* ChildPool.make({
    name: "test",
    entry: entryBeside(import.meta.url, "mischiefChild"),
    part: Part,
    size: 2,
    idleFor: Duration.minutes(5),
    requestsPerChild: 50,
    heapMegabytes: 64,
    softMemory: 1e9,
    hardMemory: 1e9
  })
  const pids = yield* Effect.all([pool.ask(request("echo")), pool.ask(request("echo"))], { concurrency: "unbounded" })
  yield* Effect.forkScoped(pool.ask(request("spin")))
  yield* Effect.sleep("500 millis")
  process.stdout.write(JSON.stringify(pids.map((parts) => parts[0]?.pid)))
  return yield* Effect.never
})

await Effect.runPromise(Effect.scoped(program))
