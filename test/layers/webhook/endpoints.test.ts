import { assert, describe, it } from "@effect/vitest"
import { Redacted, Result } from "effect"
import { makeEndpointReader } from "../../../layers/webhook/endpoints.ts"

const url = (text: string) => Redacted.make(text)

describe("an endpoint that is read once", () => {
  it("is read again when its address or its secrets have changed", () => {
    const read = makeEndpointReader({ httpsOnly: true })
    const first = read(url("https://hooks.example/services/abcdefgh"), [url("secret-one")])
    assert.strictEqual(read(url("https://hooks.example/services/abcdefgh"), [url("secret-one")]), first)
    assert.includeMembers([...first.hidden], ["abcdefgh", "secret-one"])
    const changed = read(url("https://hooks.example/services/abcdefgh"), [url("secret-two")])
    assert.include(changed.hidden, "secret-two")
    assert.notInclude(changed.hidden, "secret-one")
    const moved = read(url("https://other.example/"), [url("secret-one")])
    assert.deepStrictEqual(Result.map(moved.target, ({ hostname }) => hostname), Result.succeed("other.example"))
    assert.isTrue(Result.isFailure(read(url("http://hooks.example/services/abcdefgh"), [url("secret-one")]).target))
  })

  it("does not keep more of them than it may", () => {
    const read = makeEndpointReader({ httpsOnly: false })
    const first = read(url("https://hooks.example/0"), [])
    for (let n = 1; n <= 1_000; n++) read(url(`https://hooks.example/${n}`), [])
    assert.notStrictEqual(read(url("https://hooks.example/0"), []), first)
  })
})
