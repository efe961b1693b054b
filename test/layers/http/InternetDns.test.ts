import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Dns from "effect/net/Dns"
import * as NetAddress from "effect/net/NetAddress"
import { layer } from "../../../layers/http/InternetDns.ts"

describe("names that tenants enter", () => {
  it.live("are looked up in the system's list of hosts first, with or without a dot at the end", () =>
    Effect.gen(function*() {
      const dns = yield* Dns.Dns
      for (const name of ["localhost", "localhost.", "LOCALHOST"]) {
        const found = yield* dns.lookup(name)
        assert.isTrue(found.every(NetAddress.isLoopback), name)
      }
    }).pipe(Effect.provide(layer)))
})
