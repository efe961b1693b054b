import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Result } from "effect"
import * as Dns from "effect/net/Dns"
import * as NetAddress from "effect/net/NetAddress"
import { layer as guardLayer } from "../../../layers/http/InternetAddressGuard.ts"
import { type AddressRules, noExceptions, parseAddressRules } from "../../../src/domain/AddressRules.ts"
import { AddressGuard } from "../../../src/services/AddressGuard.ts"
import { brokenHosts, insideHosts } from "../../src/domain/hostCases.ts"

const zone = {
  "good.example": ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"],
  "inside.example": ["10.0.0.5"],
  "mixed.example": ["93.184.215.14", "127.0.0.1"],
  "mixed6.example": ["2606:4700:4700::1111", "::ffff:169.254.169.254"],
  "linklocal.example": ["fe80::1"],
  localhost: ["127.0.0.1", "::1"],
  "metadata.google.internal": ["169.254.169.254"],
  "hooks.intern": ["10.9.9.9"],
  "xn--bcher-kva.example": ["93.184.215.14"]
}

const withRules = (rules: AddressRules) => Effect.provide(guardLayer(rules).pipe(Layer.provide(Dns.layerStatic({ hosts: zone }))))
const check = (host: string) => AddressGuard.use((guard) => guard.check(host, "webhook"))
const codeOf = (host: string) => Effect.map(Effect.result(check(host)), (result) => Result.isFailure(result) ? result.failure.message : "dialled")

describe("the address guard", () => {
  it.effect("hands out the addresses to dial and the name for the certificate", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* check("Good.Example."), {
        name: "good.example",
        addresses: [{ address: "93.184.215.14", family: 4 }, { address: "2606:2800:21f:cb07:6820:80da:af6b:8b2c", family: 6 }]
      })
      assert.deepStrictEqual(yield* check("[2606:4700:4700::1111]"), { name: null, addresses: [{ address: "2606:4700:4700::1111", family: 6 }] })
      assert.strictEqual((yield* check("b\u00fccher.example")).name, "xn--bcher-kva.example")
    }).pipe(withRules(noExceptions)))

  it.effect("refuses a name when any one of its addresses is no address of the Internet", () =>
    Effect.gen(function*() {
      for (const name of ["inside.example", "mixed.example", "mixed6.example", "linklocal.example", "localhost", "localhost.", "metadata.google.internal", "hooks.intern"]) {
        assert.include(yield* codeOf(name), "must not be dialled", name)
      }
    }).pipe(withRules(noExceptions)))

  it.effect("refuses every literal that leads inside, and what is no host", () =>
    Effect.gen(function*() {
      for (const [host, range] of insideHosts) assert.include(yield* codeOf(host), `(${range})`, host)
      for (const host of brokenHosts) assert.include(yield* codeOf(host), "is not a host", host)
    }).pipe(withRules(noExceptions)))

  it.effect("lets an operator's exceptions through", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* check("hooks.intern")).addresses[0].address, "10.9.9.9")
      assert.strictEqual((yield* check("127.0.0.1")).addresses[0].address, "127.0.0.1")
      assert.include(yield* codeOf("inside.example"), "must not be dialled")
    }).pipe(withRules(Result.getOrThrow(parseAddressRules("hooks.intern,127.0.0.1")))))

  it.effect("asks once, so that a name cannot change its mind between the check and the call", () => {
    let asked = 0
    const rebinding = Layer.succeed(Dns.Dns, Dns.make({
      lookup: () => Effect.sync(() => [NetAddress.ipFromStringUnsafe(asked++ === 0 ? "93.184.215.14" : "127.0.0.1")])
    }))
    return Effect.gen(function*() {
      assert.deepStrictEqual((yield* check("rebind.example")).addresses, [{ address: "93.184.215.14", family: 4 }])
      assert.strictEqual(asked, 1)
    }).pipe(Effect.provide(guardLayer(noExceptions).pipe(Layer.provide(rebinding))))
  })

  it.effect.each([
    ["NotFound", true, "host-not-found"],
    ["ServerFailure", true, "host-unresolved"],
    ["Timeout", true, "host-unresolved"],
    ["Timeout", false, "resolver-unavailable"],
    ["Refused", false, "resolver-unavailable"]
  ] as const)("tells a name without an address from a resolver that is away: %s, %s", ([reason, rootAnswers, code]) => {
    const dns = Layer.succeed(Dns.Dns, Dns.make({
      lookup: (hostname) => Effect.fail(new Dns.DnsError({ reason, method: "lookup", hostname })),
      resolve: (hostname) =>
        rootAnswers
          ? Effect.fail(new Dns.DnsError({ reason: "NotFound", method: "resolve", hostname }))
          : Effect.fail(new Dns.DnsError({ reason: "Refused", method: "resolve", hostname }))
    }))
    return Effect.gen(function*() {
      assert.strictEqual((yield* Effect.flip(check("x.example"))).code, code)
    }).pipe(Effect.provide(guardLayer(noExceptions).pipe(Layer.provide(dns))))
  })

  it.effect("quotes no more of a host than a host can be long", () =>
    Effect.gen(function*() {
      assert.isBelow((yield* Effect.flip(check("a".repeat(100_000)))).message.length, 400)
    }).pipe(withRules(noExceptions)))
})
