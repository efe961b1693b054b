import { Context, Data, type Effect } from "effect"
import type { NonEmptyReadonlyArray } from "effect/Array"
import type { Failure } from "../domain/Failure.ts"
import { Retry } from "../domain/Retry.ts"

/** An address that was asked about and may be dialled. */
export interface CheckedAddress {
  /** Numeric, without brackets. */
  readonly address: string
  readonly family: 4 | 6
}

export interface CheckedHost {
  /** What goes into SNI and the certificate's check: lower case, ASCII, no trailing dot, no brackets. Null for a literal address. */
  readonly name: string | null
  /** In the resolver's order. Dial these, and resolve nothing again: the next answer may be another one. */
  readonly addresses: NonEmptyReadonlyArray<CheckedAddress>
}

/** What the host is for, for the sentence that people read. */
export type AddressPurpose = "webhook" | "mailbox"

/**
 * Keeps what a tenant entered from reaching the inside of our own network. A host is resolved once; where ANY of its
 * addresses is not a global unicast one, it is refused, unless the operator listed the network or the name as an
 * exception. Nothing is dialled.
 */
export class AddressGuard extends Context.Service<AddressGuard, {
  readonly check: (host: string, purpose: AddressPurpose) => Effect.Effect<CheckedHost, AddressError>
}>()("tt-worker/services/AddressGuard") {}

export type AddressReason = Data.TaggedEnum<{
  /** Not a host at all, or one with a zone: nothing of ours knows the tenant's network cards. */
  Malformed: {}
  Refused: { readonly range: string }
  /** The name has no address. */
  NotFound: {}
  /** The name's own servers do not answer, or not sensibly. */
  Unresolved: {}
  /** Our own resolver does not answer: it says nothing about the host. */
  ResolverAway: {}
}>
export const AddressReason = Data.taggedEnum<AddressReason>()

const nouns = { webhook: "webhook's address", mailbox: "mail server's name" } as const

export class AddressError
  extends Data.TaggedError("AddressError")<{ readonly host: string; readonly purpose: AddressPurpose; readonly reason: AddressReason }>
  implements Failure
{
  override get message(): string {
    return `host "${this.host.slice(0, 253)}": ${
      AddressReason.$match(this.reason, {
        Malformed: () => "is not a host name or address",
        Refused: ({ range }) => `has an address that must not be dialled (${range})`,
        NotFound: () => "has no address",
        Unresolved: () => "its name servers do not answer",
        ResolverAway: () => "our resolver does not answer"
      })
    }`
  }
  get code(): string {
    return AddressReason.$match(this.reason, {
      Malformed: () => "host-malformed",
      Refused: () => "host-refused",
      NotFound: () => "host-not-found",
      Unresolved: () => "host-unresolved",
      ResolverAway: () => "resolver-unavailable"
    })
  }
  /** A name can get an address, or another one, tomorrow. */
  get retry(): Retry {
    return AddressReason.$match(this.reason, {
      Malformed: () => Retry.Permanent(),
      Refused: () => Retry.Permanent(),
      NotFound: () => Retry.Transient(),
      Unresolved: () => Retry.Transient(),
      ResolverAway: () => Retry.Transient()
    })
  }
  get plainWords(): string {
    const noun = nouns[this.purpose]
    return AddressReason.$match(this.reason, {
      Malformed: () => `The ${noun} cannot be read. Please check it for typing errors.`,
      Refused: () => `The ${noun} leads into a private or reserved network, which is not allowed. Please use a server on the Internet.`,
      NotFound: () => `The ${noun} does not exist on the Internet. Please check it for typing errors.`,
      Unresolved: () => `The ${noun} could not be looked up: its name servers do not answer. It will be tried again by itself.`,
      ResolverAway: () => `The ${noun} could not be looked up at the moment. It will be tried again by itself.`
    })
  }
}
