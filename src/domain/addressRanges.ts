import * as IpNetwork from "effect/net/IpNetwork"
import * as NetAddress from "effect/net/NetAddress"

/**
 * What is not an ordinary address of somebody else's machine on the Internet. From the IANA registries "IPv4 / IPv6
 * Special-Purpose Address Space" and "Multicast" (state of 2026), the deprecated ranges that stacks still know, and
 * the addresses at which clouds answer questions about the machine itself. Ranges that carry an IPv4 address inside
 * are refused whole: where the packet ends up is for a translator to say.
 */
const special = {
  "0.0.0.0/8": "this network",
  "10.0.0.0/8": "private",
  "100.64.0.0/10": "carrier-grade NAT",
  "127.0.0.0/8": "loopback",
  "168.63.129.16/32": "cloud metadata",
  "169.254.0.0/16": "link-local",
  "172.16.0.0/12": "private",
  "192.0.0.0/24": "protocol assignments",
  "192.0.2.0/24": "documentation",
  "192.31.196.0/24": "AS112",
  "192.52.193.0/24": "AMT",
  "192.88.99.0/24": "6to4 relay",
  "192.168.0.0/16": "private",
  "192.175.48.0/24": "AS112",
  "198.18.0.0/15": "benchmarking",
  "198.51.100.0/24": "documentation",
  "203.0.113.0/24": "documentation",
  "224.0.0.0/4": "multicast",
  "240.0.0.0/4": "reserved",
  "::/128": "unspecified",
  "::1/128": "loopback",
  "::ffff:0:0/96": "IPv4-mapped",
  "::ffff:0:0:0/96": "IPv4-translated",
  "::/96": "IPv4-compatible",
  "64:ff9b::/96": "NAT64",
  "64:ff9b:1::/48": "NAT64",
  "100::/64": "discard-only",
  "100:0:0:1::/64": "dummy prefix",
  "2001::/32": "Teredo",
  "2001::/23": "protocol assignments",
  "2001:db8::/32": "documentation",
  "2002::/16": "6to4",
  "2620:4f:8000::/48": "AS112",
  "3ffe::/16": "6bone",
  "3fff::/20": "documentation",
  "5f00::/16": "segment routing",
  "fc00::/7": "unique local",
  "fe80::/10": "link-local",
  "fec0::/10": "site-local",
  "ff00::/8": "multicast"
} as const

/** The only block of IPv6 from which addresses of the Internet are handed out. */
const globalIpv6 = IpNetwork.fromStringUnsafe("2000::/3")

const ranges: ReadonlyArray<{ readonly network: IpNetwork.IpNetwork; readonly name: string }> = Object.entries(special).map(([network, name]) => ({
  network: IpNetwork.fromStringUnsafe(network),
  name
}))

/** The name of the special range that has this address, or null where it is a global unicast address. */
export const specialRangeOf = (address: NetAddress.IpAddress): string | null => {
  const found = ranges.find(({ network }) => IpNetwork.contains(network, address))
  if (found !== undefined) return found.name
  return NetAddress.isIpv6Address(address) && !IpNetwork.contains(globalIpv6, address) ? "unallocated" : null
}
