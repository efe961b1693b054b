import { Effect, Layer, Option, Result } from "effect"
import * as Arr from "effect/Array"
import * as Dns from "effect/net/Dns"
import * as NetAddress from "effect/net/NetAddress"
import { type AddressRules, isExemptName, NamedHost, parseHost, refusalOf } from "../../src/domain/AddressRules.ts"
import * as InternetDns from "./InternetDns.ts"
import { AddressError, AddressGuard, type AddressPurpose, AddressReason, type CheckedAddress } from "../../src/services/AddressGuard.ts"

/** A name with more answers than this is cut: all are checked, these are dialled. */
const mostAddresses = 8

const checked = (address: NetAddress.IpAddress): CheckedAddress => ({
  address: NetAddress.formatIp(address),
  family: NetAddress.isIpv4Address(address) ? 4 : 6
})

/** The guard on the resolver that is given; `rules` are the operator's exceptions. */
export const layer = (rules: AddressRules): Layer.Layer<AddressGuard, never, Dns.Dns> =>
  Layer.effect(
    AddressGuard,
    Effect.gen(function*() {
      const dns = yield* Dns.Dns

      /** The root answers any resolver that works at all: so whose fault the silence is. */
      const resolverAnswers = dns.resolve(".", "NS").pipe(
        Effect.timeout("2 seconds"),
        Effect.as(true),
        Effect.catch((error) => Effect.succeed(error._tag === "DnsError" && !error.isTemporary && error.reason !== "Refused"))
      )

      const reasonOf = (error: Dns.DnsError): Effect.Effect<AddressReason> => {
        if (error.reason === "NotFound") return Effect.succeed(AddressReason.NotFound())
        if (error.reason === "BadName") return Effect.succeed(AddressReason.Malformed())
        return Effect.map(resolverAnswers, (answers) => answers ? AddressReason.Unresolved() : AddressReason.ResolverAway())
      }

      const check = Effect.fn("AddressGuard.check")(function*(host: string, purpose: AddressPurpose) {
        const refuse = (reason: AddressReason) => Effect.fail(new AddressError({ host, purpose, reason }))
        const parsed = parseHost(host)
        if (Result.isFailure(parsed)) {
          return yield* refuse(parsed.failure === "zone" ? AddressReason.Refused({ range: "link-local" }) : AddressReason.Malformed())
        }
        const name = NamedHost.$match(parsed.success, { Literal: () => null, Name: ({ name }) => name })
        const found = parsed.success._tag === "Literal"
          ? Arr.of(parsed.success.address)
          : yield* dns.lookup(parsed.success.name).pipe(Effect.catch((error) => Effect.flatMap(reasonOf(error), refuse)))
        if (name === null || !isExemptName(rules, name)) {
          const range = Option.firstSomeOf(found.map((address) => Option.fromNullishOr(refusalOf(rules, address))))
          if (Option.isSome(range)) return yield* refuse(AddressReason.Refused({ range: range.value }))
        }
        const [first, ...others] = found
        return { name, addresses: Arr.make(checked(first), ...others.slice(0, mostAddresses - 1).map(checked)) }
      })

      return AddressGuard.of({ check })
    })
  )

/** The guard on the name servers that this machine asks. */
export const live = (rules: AddressRules): Layer.Layer<AddressGuard> => layer(rules).pipe(Layer.provide(InternetDns.layer), Layer.orDie)
