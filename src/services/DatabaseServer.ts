import { Context, Effect, Layer } from "effect"
import type { DatabaseUrl } from "../domain/DatabaseUrl.ts"

/** Where the database is, and whether it is this process's own. */
export class DatabaseServer extends Context.Service<DatabaseServer, {
  readonly address: DatabaseUrl
  /** The same database for the role that makes tables; mostly the same address. */
  readonly migrations: DatabaseUrl
  /** Another process runs the supervisor on the same data folder; its consumers do the work. */
  readonly joined: boolean
  /** What the owner of the server tells those that join it. */
  readonly published: Effect.Effect<Readonly<Record<string, string>>, Error>
  /** Adds to that; of no effect for those that have joined. */
  readonly publish: (facts: Readonly<Record<string, string>>) => Effect.Effect<void, Error>
  /** Never succeeds; fails when a server that runs with us has ended. */
  readonly died: Effect.Effect<never, Error>
}>()("tt-worker/services/DatabaseServer") {
  /** A server that somebody else looks after: when it is away, it is waited for. */
  static readonly external = (address: DatabaseUrl, migrations: DatabaseUrl = address): Layer.Layer<DatabaseServer> =>
    Layer.succeed(DatabaseServer, { address, migrations, joined: false, published: Effect.succeed({}), publish: () => Effect.void, died: Effect.never })
}
