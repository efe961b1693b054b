import { assert, describe, it } from "@effect/vitest"
import { Redacted, Result, Schema } from "effect"
import { type DatabaseUrl, parseDatabaseUrl } from "../../../src/domain/DatabaseUrl.ts"

const parse = (text: string): Result.Result<DatabaseUrl, string> => parseDatabaseUrl(Redacted.make(text))
const good = (text: string): DatabaseUrl => Result.getOrThrow(parse(text))
const refusal = (text: string): string => Result.match(parse(text), { onSuccess: () => "accepted", onFailure: (problem) => problem })

const base = "postgresql://app:geheim@db.example:5433/tt"

describe("a DATABASE_URL", () => {
  it("is taken apart as Prisma means it: the tables' schema and the pool's size are honoured, not sent to the server", () => {
    const { connectionLimit, label, schema, url } = good(`${base}?schema=app&connection_limit=7&pool_timeout=2&sslmode=require&pgbouncer=false`)
    assert.deepStrictEqual([schema, connectionLimit, label], ["app", 7, "db.example:5433/tt"])
    assert.strictEqual(Redacted.value(url), `${base}?sslmode=verify-full`, "encrypted means checked")
  })

  it("without parameters means the schema public, the default port and our own pool size", () => {
    const { connectionLimit, label, schema, url } = good("postgres://db/tt")
    assert.deepStrictEqual([schema, connectionLimit, label], ["public", null, "db:5432/tt"])
    assert.strictEqual(Redacted.value(url), "postgres://db/tt")
  })

  it("keeps a password with special characters as it is", () => {
    const url = new URL(Redacted.value(good("postgresql://app:p%40ss%2Fw%3Fo%23r%25d@db/tt?schema=s").url))
    assert.strictEqual(decodeURIComponent(url.password), "p@ss/w?o#r%d")
  })

  it.each([
    ["pgbouncer=true", /pgbouncer is not supported: .*direct connection/],
    ["sslaccept=strict", /sslaccept is not supported: use sslmode/],
    ["sslidentity=./id.p12", /sslidentity is not supported: use sslcert and sslkey/],
    ["host=/var/run/postgresql", /host is not supported: .*TCP host/],
    ["foo=1", /foo is not supported$/],
    ["port=5433", /port is not supported$/],
    ["user=other", /user is not supported$/],
    ["sslrootcert=/ca.pem&sslcert=/c.pem", /sslcert and sslkey belong together/],
    ["schema=", /schema is not a plain schema name/],
    ["schema=a%22b", /schema is not a plain schema name/],
    [`schema=${"s".repeat(64)}`, /schema is not a plain schema name/],
    ["connection_limit=0", /connection_limit must be a whole number/],
    ["connection_limit=2.5", /connection_limit must be a whole number/],
    ["connection_limit=many", /connection_limit must be a whole number/]
  ])("with ?%s is refused, and the parameter named", (parameter, problem) => {
    assert.match(refusal(`${base}?sslmode=require&${parameter}`), problem)
  })

  it.each([
    ["sslmode=prefer", /sslmode=prefer is not supported: use disable, require/],
    ["sslmode=allow", /sslmode=allow is not supported/],
    ["sslmode=no-verify", /sslmode=no-verify is not supported/],
    ["sslmode=", /sslmode=… is not supported/],
    ["sslrootcert=/ca.pem", /sslrootcert needs sslmode=verify-full beside it/],
    ["sslmode=disable&sslrootcert=/ca.pem", /sslrootcert needs sslmode=verify-full/]
  ])("with ?%s alone is refused, too: nothing that it says about TLS is left out silently", (parameter, problem) => {
    assert.match(refusal(`${base}?${parameter}`), problem)
  })

  it("names the files for TLS", () => {
    assert.deepStrictEqual(good(`${base}?sslmode=verify-ca&sslrootcert=/ca.pem&sslcert=/c.pem&sslkey=/k.pem`).tlsFiles, { sslrootcert: "/ca.pem", sslcert: "/c.pem", sslkey: "/k.pem" })
  })

  it.each([
    ["nonsense", /expected a URL/],
    ["mysql://u:geheim@db/tt", /begins with postgresql/],
    ["app:geheim@db/tt", /begins with postgresql/],
    ["postgresql:///tt", /no host/],
    ["postgresql://db", /no database/],
    ["postgresql://db/", /no database/],
    ["postgresql://app:ge%heim@db/tt", /percent-encoded/],
    ["postgresql://app:geheim@db/t%t", /percent-encoded/],
    ["postgresql://app:1/geheim@db/tt", /percent-encoded/],
    ["postgresql://app:1/x?geheim@db/tt", /percent-encoded/],
    ["postgresql://app:1/x?geheim=1@db/tt", /percent-encoded/],
    ["postgresql://app:x@geheim#y@db/tt", /percent-encoded/]
  ])("that reads %s is refused", (text, problem) => {
    assert.match(refusal(text), problem)
    assert.notInclude(refusal(text), "geheim")
  })

  const marked = Schema.String.check(Schema.isMaxLength(6))
  it.prop("never shows its password, encoded or pasted as it is, in a message or a label", [marked, marked], ([before, after]) => {
    const password = `${before}gEhEiM${after}`
    for (const spelled of [password, password.isWellFormed() ? encodeURIComponent(password) : "gEhEiM"]) {
      for (const rest of ["db/tt", "db/tt?foo=1", "db", "db/tt?pgbouncer=true"]) {
        const parsed = parse(`postgresql://app:${spelled}@${rest}`)
        const shown = Result.isSuccess(parsed) ? JSON.stringify(parsed.success) : parsed.failure
        assert.notInclude(shown.toLowerCase(), "geheim")
      }
    }
  })

  it.prop("carries any password that was encoded to the server as it was", [Schema.String.check(Schema.makeFilter((text: string) => text.isWellFormed()))], ([password]) => {
    const url = new URL(Redacted.value(good(`postgresql://app:${encodeURIComponent(password)}@db/tt?schema=a&sslmode=disable`).url))
    assert.strictEqual(decodeURIComponent(url.password), password)
  })
})
