import { assert, describe, it as test, layer } from "@effect/vitest"
import { Effect, Ref } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { attempts, sparedMethods } from "./methodAttempts.ts"
import { serviceMethods } from "./serviceMethods.ts"
import { changes, kilo, newFirm, none, rowsOf, StorageReads, twoTenants, zeta } from "./twoTenants.ts"

describe("every method of every service", () => {
  test("is tried by one tenant with another's ids, or it is said why there is nothing to try", () => {
    assert.isAbove(serviceMethods.length, 120)
    const covered = [...attempts.map(({ method }) => method), ...Object.keys(sparedMethods)]
    assert.deepStrictEqual(serviceMethods.filter((method) => !covered.includes(method)), [], "a new method needs a line in methodAttempts.ts")
    assert.deepStrictEqual(covered.filter((method) => !serviceMethods.includes(method)), [], "these are no methods any more")
    assert.deepStrictEqual(Object.keys(sparedMethods).filter((method) => attempts.some((one) => one.method === method)), [])
  })
})

layer(twoTenants, { excludeTestServices: true, timeout: "60 seconds" })("a tenant that uses another's ids", (it) => {
  it.effect("is told that there is no such thing; not a byte of the other's rows changes and none of its files is read", () =>
    Effect.gen(function*() {
      const [mine, theirs] = [yield* newFirm(kilo), yield* newFirm(zeta)]
      const reads = yield* StorageReads
      yield* Ref.set(reads, [])
      const before = yield* rowsOf(zeta, kilo)
      assert.isAbove(new Set(before.map((row) => row.split(" ")[0])).size, 20, "the other has rows in most tables")
      for (const { answer, method, tries, what = "" } of attempts) {
        const told = yield* tries(mine, theirs).pipe(
          Effect.map((value) => typeof value === "object" && value !== null && "_tag" in value ? value._tag : value),
          Effect.catch((error) => Effect.succeed(typeof error === "object" && error !== null && "code" in error ? error.code : String(error)))
        )
        assert.deepStrictEqual([method, what, told], [method, what, answer])
        assert.deepStrictEqual(changes(before, yield* rowsOf(zeta, kilo)), none, `${method} ${what}`)
      }
      assert.deepStrictEqual((yield* Ref.get(reads)).filter((key) => key.startsWith(zeta)), [])
    }), 120_000)

  it.effect("would be seen here, had it changed as little as one row", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const before = yield* rowsOf(zeta, kilo)
      yield* sql`UPDATE invoices SET archived = true WHERE id = 'zeta-invoice'`
      assert.lengthOf((yield* rowsOf(zeta, kilo)).filter((row) => !before.includes(row)), 1)
    }))
})
