import { assert, describe, it } from "@effect/vitest"
import { makeConnectionOwners, nobody } from "../../chaos/workers/connectionOwners.ts"

describe("whose connection it was", () => {
  it("goes by the server and the moment: ports are used again", () => {
    const owners = makeConnectionOwners()
    owners.opened("postgres", 5000, "A", 100)
    owners.opened("postgres", 5000, "B", 200)
    owners.opened("storage", 5000, "C", 100)
    assert.strictEqual(owners.ownerOf("postgres", 5000, 150), "A")
    assert.strictEqual(owners.ownerOf("postgres", 5000, 250), "B")
    assert.strictEqual(owners.ownerOf("storage", 5000, 250), "C")
    assert.strictEqual(owners.ownerOf("redis", 5000, 250), nobody)
    assert.strictEqual(owners.ownerOf("postgres", null, 250), nobody)
    assert.strictEqual(owners.ownerOf("postgres", 5000, 50), nobody)
  })
})
