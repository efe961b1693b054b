import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as FastCheck from "fast-check"
import * as NetAddress from "effect/net/NetAddress"
import { type AddressRules, isExemptName, NamedHost, noExceptions, parseAddressRules, parseHost, refusalOf } from "../../../src/domain/AddressRules.ts"
import { brokenHosts, insideHosts, outsideHosts } from "./hostCases.ts"

const verdict = (host: string, rules: AddressRules = noExceptions) =>
  Result.match(parseHost(host), {
    onFailure: (problem) => problem === "zone" ? "link-local" : problem,
    onSuccess: NamedHost.$match({ Literal: ({ address }) => refusalOf(rules, address), Name: ({ name }) => `name ${name}` })
  })

describe("hosts that tenants enter", () => {
  it("are many enough here to mean something", () => {
    assert.isAtLeast(insideHosts.length, 120)
    assert.strictEqual(new Set(insideHosts.map(([host]) => host)).size, insideHosts.length)
  })

  it.each(insideHosts)("that lead inside are refused: %s is %s", (host, range) => {
    assert.strictEqual(verdict(host), range)
  })

  it.each(outsideHosts)("of the Internet are not: %s", (host) => {
    assert.isNull(verdict(host))
  })

  it.each(brokenHosts)("that are no hosts are malformed: %j", (host) => {
    assert.strictEqual(verdict(host), "malformed")
  })

  it.each([
    ["Example.COM", "example.com"],
    ["example.com.", "example.com"],
    ["b\u00fccher.example", "xn--bcher-kva.example"],
    ["\uff45xample.com", "example.com"],
    ["example\u3002com", "example.com"],
    ["localhost", "localhost"],
    ["LOCALHOST.", "localhost"],
    ["127.0.0.1.nip.io", "127.0.0.1.nip.io"]
  ])("that are names have one spelling: %s", (host, name) => {
    assert.strictEqual(verdict(host), `name ${name}`)
  })

  it("mean to the check what they mean to every parser of URLs, whatever is thrown at it", () => {
    FastCheck.assert(FastCheck.property(FastCheck.integer({ min: 0, max: 0xffffffff }), (value) => {
      const octets = [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]
      const dotted = octets.join(".")
      const expected = verdict(dotted)
      const spellings = [String(value), `0x${value.toString(16)}`, `0${value.toString(8)}`, octets.map((octet) => `0x${octet.toString(16)}`).join("."), `${octets[0]}.${value & 0xffffff}`, `${dotted}.`]
      for (const spelling of spellings) assert.strictEqual(verdict(spelling), expected, spelling)
      for (const carrier of [`::ffff:${dotted}`, `64:ff9b::${dotted}`]) assert.isNotNull(verdict(carrier), carrier)
    }))
  })

  it("never throw", () => {
    FastCheck.assert(FastCheck.property(FastCheck.string({ unit: "binary" }), (text) => {
      assert.isTrue(Result.isResult(parseHost(text)))
    }))
  })
})

describe("an operator's exceptions", () => {
  const rules = Result.getOrThrow(parseAddressRules(" 10.1.0.0/16, 127.0.0.1 ,fd00::/8,hooks.intern,*.lan "))
  const address = (text: string) => NetAddress.ipFromStringUnsafe(text)

  it("open the networks that they name and no others", () => {
    for (const host of ["10.1.255.255", "127.0.0.1", "fd12::1"]) assert.isNull(refusalOf(rules, address(host)), host)
    for (const host of ["10.2.0.0", "127.0.0.2", "fe80::1", "::ffff:10.1.0.1", "::ffff:127.0.0.1"]) assert.isNotNull(refusalOf(rules, address(host)), host)
  })

  it("open names whole or below a domain", () => {
    for (const name of ["hooks.intern", "a.lan", "b.a.lan"]) assert.isTrue(isExemptName(rules, name), name)
    for (const name of ["intern", "x.hooks.intern", "lan", "alan", "hooks.intern.example"]) assert.isFalse(isExemptName(rules, name), name)
  })

  it.each(["10.1.2.3/8", "10.0.0.0/33", "a b", "http://x", "*", "*.", "::1%lo", "10.0.0"])("that cannot be read are named: %s", (entry) => {
    assert.deepStrictEqual(parseAddressRules(`10.0.0.0/8,${entry}`), Result.fail(entry))
  })
})
