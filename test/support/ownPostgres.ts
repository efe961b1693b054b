import { Clock, Context, Effect, Layer, Redacted } from "effect"
import { randomUUID } from "node:crypto"
import { query } from "../../layers/embedded/connection.ts"
import { EmbeddedPostgres } from "../../layers/embedded/EmbeddedPostgres.ts"
import { serverOptions } from "./postgresMajor.ts"
import { tempDir } from "./tempDir.ts"

/**
 * A PostgreSQL server for one test file, thrown away with it. Works as root and not, beside others of its kind, and
 * below a TestClock (starting and stopping take real time).
 *
 *     layer(OwnPostgres.layer)("the outbox", (it) => {
 *       it.effect("…", () => Effect.gen(function*() {
 *         const url = yield* (yield* OwnPostgres).makeDatabase
 */
export class OwnPostgres extends Context.Service<OwnPostgres, {
  /** The address of a new, empty database of this server. */
  readonly makeDatabase: Effect.Effect<Redacted.Redacted>
}>()("test/OwnPostgres") {
  static readonly layer: Layer.Layer<OwnPostgres> = Layer.effect(
    OwnPostgres,
    Effect.gen(function*() {
      const dataDir = yield* tempDir
      const context = yield* Layer.build(EmbeddedPostgres.layer({ ...serverOptions, dataDir, mode: "own", settings: { ...serverOptions.settings, ...UNSAFE_BUT_FAST } }))
      const { url } = Context.get(context, EmbeddedPostgres)
      const makeDatabase = Effect.gen(function*() {
        const name = `test_${randomUUID().replaceAll("-", "")}`
        yield* query(url, `create database ${name}`)
        const address = new URL(Redacted.value(url))
        address.pathname = `/${name}`
        return Redacted.make(address.href)
      })
      return OwnPostgres.of({ makeDatabase: Effect.orDie(makeDatabase) })
    }).pipe(Effect.orDie, Effect.provideService(Clock.Clock, Context.get(Context.empty(), Clock.Clock)))
  )
}

/** Nothing here outlives a power cut, so nothing has to reach the disk. */
const UNSAFE_BUT_FAST = { fsync: "off", synchronous_commit: "off", full_page_writes: "off" }
