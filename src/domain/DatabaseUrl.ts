import { Redacted, Result } from "effect"
import { isMangled, percentEncode } from "./mangledUrl.ts"

/** A DATABASE_URL as Prisma writes it, taken apart: Prisma's own parameters are honoured here, libpq's stay in the URL. */
export interface DatabaseUrl {
  /** libpq URI without Prisma's parameters. */
  readonly url: Redacted.Redacted<string>
  /** Where the API's tables live (`?schema=`). */
  readonly schema: string
  /** Most connections of the application's own pool (`?connection_limit=`). */
  readonly connectionLimit: number | null
  /** Files for TLS: an authority of your own, and a client's certificate with its key. */
  readonly tlsFiles: { readonly sslrootcert: string | null; readonly sslcert: string | null; readonly sslkey: string | null }
  /** For messages: host, port and database, no user and no password. */
  readonly label: string
}

const libpqParameters = new Set(["sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout", "application_name", "options"])

const prismaOnly: Readonly<Record<string, string>> = {
  pgbouncer: "PgBouncer in transaction mode cannot carry LISTEN and advisory locks; give the worker a direct connection",
  host: "sockets by ?host= are not supported; use a TCP host",
  sslidentity: "use sslcert and sslkey",
  sslpassword: "use a key file without a password",
  sslaccept: "use sslmode"
}
/** Prisma's client-side timings, which have no meaning here and change nothing about where data goes. */
const ignored = new Set(["pool_timeout", "socket_timeout", "statement_cache_size", "single_use_connections"])

/** Encrypted means checked, too: the certificate against the system's authorities or `sslrootcert`, and the host's name. */
const sslModes: Readonly<Record<string, "disable" | "verify-full">> = { disable: "disable", require: "verify-full", "verify-ca": "verify-full", "verify-full": "verify-full" }

/** Reads a PostgreSQL URL; each fault is a sentence that names the parameter. The URL itself is never repeated. */
export const parseDatabaseUrl = (secret: Redacted.Redacted<string>): Result.Result<DatabaseUrl, string> => {
  const text = Redacted.value(secret)
  if (!URL.canParse(text)) return Result.fail("expected a URL such as postgresql://user:password@host:5432/database")
  const url = new URL(text)
  if (url.protocol !== "postgres:" && url.protocol !== "postgresql:") return Result.fail("expected a URL that begins with postgresql://")
  if (isMangled(url)) return Result.fail(percentEncode)
  if (url.hostname === "") return Result.fail("the URL names no host")
  if (url.pathname.length < 2) return Result.fail("the URL names no database")

  let schema = "public"
  let connectionLimit: number | null = null
  for (const [name, value] of Array.from(url.searchParams)) {
    if (name === "sslmode") {
      const mode = sslModes[value]
      if (mode === undefined) return Result.fail(`its parameter sslmode=${/^[a-z-]{1,20}$/.test(value) ? value : "…"} is not supported: use disable, require, verify-ca or verify-full`)
      url.searchParams.set(name, mode)
    }
    if (libpqParameters.has(name)) continue
    url.searchParams.delete(name)
    if (name === "schema") {
      if (!/^[A-Za-z_][A-Za-z0-9_$]{0,62}$/.test(value)) return Result.fail("its parameter schema is not a plain schema name")
      schema = value
    } else if (name === "connection_limit") {
      const limit = Number(value)
      if (!Number.isInteger(limit) || limit < 1 || limit > 500) return Result.fail("its parameter connection_limit must be a whole number from 1 to 500")
      connectionLimit = limit
    } else if (name === "pgbouncer" && value !== "true") {
      continue
    } else if (!ignored.has(name)) {
      return Result.fail(`its parameter ${name} is not supported${name in prismaOnly ? `: ${prismaOnly[name]}` : ""}`)
    }
  }
  const file = (name: string) => url.searchParams.get(name)
  const tlsFiles = { sslrootcert: file("sslrootcert"), sslcert: file("sslcert"), sslkey: file("sslkey") }
  const mode = file("sslmode")
  const given = Object.entries(tlsFiles).find(([, path]) => path !== null)?.[0]
  if (given !== undefined && (mode === null || mode === "disable")) return Result.fail(`its parameter ${given} needs sslmode=verify-full beside it`)
  if ((tlsFiles.sslcert === null) !== (tlsFiles.sslkey === null)) return Result.fail("its parameters sslcert and sslkey belong together")

  const label = `${url.hostname}:${url.port === "" ? "5432" : url.port}${decodeURIComponent(url.pathname)}`
  return Result.succeed({ url: Redacted.make(url.toString(), { label: "DATABASE_URL" }), schema, connectionLimit, tlsFiles, label })
}
