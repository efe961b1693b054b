import { Data, Result } from "effect"
import * as Host from "effect/net/Host"
import * as IpNetwork from "effect/net/IpNetwork"
import * as NetAddress from "effect/net/NetAddress"
import { specialRangeOf } from "./addressRanges.ts"

/** A host that a tenant entered, read once: everything after works on this and never on the text again. */
export type NamedHost = Data.TaggedEnum<{
  Literal: { readonly address: NetAddress.IpAddress }
  /** In lower case and ASCII, without a trailing dot. */
  Name: { readonly name: string }
}>
export const NamedHost = Data.taggedEnum<NamedHost>()

export type HostProblem = "malformed" | "zone"

/**
 * Reads a host as browsers do, so that no spelling means one thing to the check and another to the resolver:
 * 0x7f.1, 2130706433, 0177.0.0.1, full-width digits and dots, IDN, a trailing dot.
 */
export const parseHost = (text: string): Result.Result<NamedHost, HostProblem> => {
  const bare = text.trim()
  const inner = bare.startsWith("[") && bare.endsWith("]") ? bare.slice(1, -1) : bare
  if (inner.includes(":")) {
    if (inner.includes("%")) return Result.fail("zone")
    return Result.mapBoth(NetAddress.ipv6FromString(inner), { onFailure: () => "malformed" as const, onSuccess: (address) => NamedHost.Literal({ address }) })
  }
  // These would end the host, or be read as something else by the parser below.
  if (bare === "" || bare.length > 500 || /[\s%\/\\?#@\[\]\p{Cc}]/u.test(bare)) return Result.fail("malformed")
  const url = URL.parse(`http://${bare}/`)
  if (url === null || url.port !== "" || url.username !== "" || url.pathname !== "/") return Result.fail("malformed")
  return fromUrlHostname(url.hostname)
}

/** The same for the host of a parsed URL. */
export const fromUrlHostname = (hostname: string): Result.Result<NamedHost, HostProblem> => {
  if (hostname.startsWith("[")) return parseHost(hostname)
  const ipv4 = NetAddress.ipv4FromString(hostname)
  if (Result.isSuccess(ipv4)) return Result.succeed(NamedHost.Literal({ address: ipv4.success }))
  const name = hostname.replace(/\.$/, "").toLowerCase()
  if (name === "" || name.endsWith(".")) return Result.fail("malformed")
  // Resolvers read what ends in a number as an address, whatever it says.
  if (/(^|\.)(\d+|0x[0-9a-f]*)$/.test(name)) return Result.fail("malformed")
  return Result.mapBoth(Host.domainNameFromString(name), { onFailure: () => "malformed" as const, onSuccess: () => NamedHost.Name({ name }) })
}

export interface AddressRules {
  /** Networks that may be dialled although they are not of the Internet. */
  readonly networks: ReadonlyArray<IpNetwork.IpNetwork>
  /** Names whose addresses are not asked about, in lower case; `.example.com` stands for everything below. */
  readonly names: ReadonlyArray<string>
}

export const noExceptions: AddressRules = { networks: [], names: [] }

/**
 * Exceptions as an operator lists them, separated by commas: `10.1.2.0/24`, `fd00::5`, `hooks.intern`, `*.intern`.
 * Fails with the entry that cannot be read.
 */
export const parseAddressRules = (text: string): Result.Result<AddressRules, string> => {
  const networks: Array<IpNetwork.IpNetwork> = []
  const names: Array<string> = []
  for (const entry of text.split(",").map((part) => part.trim()).filter((part) => part !== "")) {
    const network = parseNetwork(entry)
    if (network !== null) {
      networks.push(network)
      continue
    }
    const below = entry.startsWith("*.")
    const host = parseHost(below ? entry.slice(2) : entry)
    if (Result.isFailure(host) || host.success._tag !== "Name") return Result.fail(entry)
    names.push(below ? `.${host.success.name}` : host.success.name)
  }
  return Result.succeed({ networks, names })
}

const parseNetwork = (text: string): IpNetwork.IpNetwork | null => {
  if (text.includes("/")) return Result.getOrNull(IpNetwork.fromString(text))
  const address = NetAddress.ipFromString(text)
  return Result.isFailure(address) ? null : IpNetwork.fromAddressUnsafe(address.success, NetAddress.width(address.success))
}

export const isExemptName = (rules: AddressRules, name: string): boolean =>
  rules.names.some((rule) => rule.startsWith(".") ? name.endsWith(rule) : name === rule)

/** Why this address must not be dialled: the name of its special range. Null where it may. */
export const refusalOf = (rules: AddressRules, address: NetAddress.IpAddress): string | null => {
  const range = specialRangeOf(address)
  return range === null || rules.networks.some((network) => IpNetwork.contains(network, address)) ? null : range
}
