import { Context, Effect, Layer, Redacted } from "effect"
import { randomUUID } from "node:crypto"
import { query } from "../../layers/embedded/connection.ts"
import { EmbeddedPostgres } from "../../layers/embedded/EmbeddedPostgres.ts"
import { OwnPostgres } from "../../test/support/ownPostgres.ts"
import { tempDir } from "../../test/support/tempDir.ts"

/** A server as the worker itself starts one: what is committed is on disk. */
export const durablePostgres: Layer.Layer<OwnPostgres> = Layer.effect(
  OwnPostgres,
  Effect.gen(function*() {
    const dataDir = yield* tempDir
    const { url } = Context.get(yield* Layer.build(EmbeddedPostgres.layer({ dataDir, mode: "own" })), EmbeddedPostgres)
    return OwnPostgres.of({
      makeDatabase: Effect.gen(function*() {
        const name = `bench_${randomUUID().replaceAll("-", "")}`
        yield* Effect.orDie(query(url, `create database ${name}`))
        const address = new URL(Redacted.value(url))
        address.pathname = `/${name}`
        return Redacted.make(address.href)
      })
    })
  }).pipe(Effect.orDie)
)
