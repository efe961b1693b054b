import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import * as NetAddress from "effect/net/NetAddress"
import { besideReceiver } from "../../../../programs/cli/demo/besideReceiver.ts"
import { refusalOf } from "../../../../src/domain/AddressRules.ts"
import { loadedFrom } from "../../../src/config/loadedFrom.ts"

const address = (text: string) => Result.getOrThrow(NetAddress.ipFromString(text))

describe("the demo's own receiver", () => {
  it.effect("may be called where the demo is all by itself, and nothing else on this machine's networks", () =>
    Effect.gen(function*() {
      const { privateHosts, webhooks } = besideReceiver(yield* loadedFrom({ WEBHOOK_HTTPS_ONLY: "true" }))
      assert.isFalse(webhooks.httpsOnly)
      assert.isUndefined(refusalOf(privateHosts, address("127.0.0.1")) ?? undefined)
      for (const other of ["127.0.0.2", "10.0.0.1", "169.254.169.254", "::1"]) assert.isString(refusalOf(privateHosts, address(other)), other)
    }))

  it.effect("opens nothing where database or queue are shared with tenants of flesh and blood", () =>
    Effect.gen(function*() {
      for (const shared of [{ DATABASE_URL: "postgresql://app:x@db/tt" }, { REDIS_URL: "redis://cache" }]) {
        const settings = yield* loadedFrom(shared)
        assert.strictEqual(besideReceiver(settings), settings)
      }
    }))
})
