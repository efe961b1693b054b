import { Data, Effect, Redacted } from "effect"
import { Client } from "pg"

/** A query or a connection that failed; `code` is PostgreSQL's SQLSTATE or the system's error code. */
export class ConnectionError extends Data.TaggedError("ConnectionError")<{
  readonly code: string
  readonly cause: unknown
}> {
  override get message() {
    return this.cause instanceof Error ? this.cause.message : this.code
  }
}

/** SQLSTATE invalid_password (PostgreSQL, appendix A). */
export const INVALID_PASSWORD = "28P01"

/** The address of a database on our server. */
export const urlOf = (port: number, password: Redacted.Redacted, database: string): Redacted.Redacted =>
  Redacted.make(`postgres://postgres:${Redacted.value(password)}@127.0.0.1:${port}/${database}`, { label: "database url" })

/** Runs one statement on a connection of its own and returns the number of rows. */
export const query = (url: Redacted.Redacted, statement: string): Effect.Effect<number, ConnectionError> =>
  Effect.acquireUseRelease(
    Effect.sync(() => {
      const client = new Client({ connectionString: Redacted.value(url), connectionTimeoutMillis: 5000 })
      // The server may go away at any time; without a listener that would end the process.
      client.on("error", () => undefined)
      return client
    }),
    (client) =>
      Effect.tryPromise({
        try: async () => {
          await client.connect()
          return (await client.query(statement)).rowCount ?? 0
        },
        catch: (cause) => new ConnectionError({ code: codeOf(cause), cause })
      }),
    (client) => Effect.ignore(Effect.tryPromise(() => client.end()))
  )

const codeOf = (cause: unknown): string =>
  cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "unknown"
