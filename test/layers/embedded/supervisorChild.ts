import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Effect, Redacted, Schema } from "effect"
import { EmbeddedPostgres } from "../../../layers/embedded/EmbeddedPostgres.ts"
import { ChildReport } from "./childReport.ts"

/**
 * A supervisor as small as can be: starts the embedded PostgreSQL on the folder of its first argument in the mode of
 * its second, says so in one line of JSON, and holds it until a signal.
 */
const encode = Schema.encodeSync(Schema.fromJsonString(ChildReport))
const say = (report: typeof ChildReport.Type) => Effect.sync(() => process.stdout.write(`${encode(report)}\n`))

const [, , dataDir = "", mode] = process.argv

const hold = Effect.gen(function*() {
  const postgres = yield* EmbeddedPostgres
  yield* postgres.publish({ greeting: `from ${process.pid}` })
  yield* say({
    _tag: "Ready",
    url: Redacted.value(postgres.url),
    dataDir: postgres.dataDir,
    notes: postgres.notes,
    ownership: postgres.ownership
  })
  return yield* postgres.died
})

NodeRuntime.runMain(hold.pipe(
  Effect.provide(EmbeddedPostgres.layer({ dataDir, mode: mode === "own" ? "own" : "own-or-join" })),
  Effect.tapError(({ message, reason }) => say({ _tag: "Refused", reason, message }))
), { disableErrorReporting: true })
