import * as NodeDns from "@effect/platform-node/NodeDns"
import { Duration, Effect, Layer, Result } from "effect"
import * as Dns from "effect/net/Dns"
import * as Host from "effect/net/Host"
import type * as NetAddress from "effect/net/NetAddress"
import { readFile } from "node:fs/promises"

const hostsFile = process.platform === "win32" ? "C:\\Windows\\System32\\drivers\\etc\\hosts" : "/etc/hosts"

/** The system's list, without the dots at the end. A missing one is an empty one. */
const readHosts = Effect.promise(() => readFile(hostsFile, "utf8").catch(() => "")).pipe(
  Effect.map((text) => new Map([...Host.parseHostsFile(text)].map(([name, addresses]) => [String(Host.toRelative(name)), addresses])))
)

/**
 * Names that tenants enter are asked of the name servers directly, after the system's list of hosts. The operating
 * system's own lookup blocks one of the process's four threads for as long as a name server is silent: four tenants
 * with such names would stop every lookup and file access of the process.
 */
export const layer: Layer.Layer<Dns.Dns, NetAddress.NetAddressError> = Layer.effect(
  Dns.Dns,
  Effect.gen(function*() {
    const dns = yield* NodeDns.make({ timeout: Duration.seconds(2), tries: 2 })
    const hosts = yield* readHosts
    const records = (name: string, type: "A" | "AAAA") =>
      Effect.result(Effect.map(dns.resolve(name, type), (found) => found.map((record): NetAddress.IpAddress => record.address)))
    return Dns.make({
      lookup: (host) => {
        const name = String(Host.toRelative(host))
        const listed = hosts.get(name)
        if (listed !== undefined) return Effect.succeed(listed)
        return Effect.flatMap(
          Effect.all([records(name, "A"), records(name, "AAAA")], { concurrency: 2 }),
          (answers) => {
            const found = answers.filter(Result.isSuccess).flatMap(({ success }) => success)
            if (found.length > 0) return Effect.succeed(found)
            const failures = answers.filter(Result.isFailure).map(({ failure }) => failure)
            const worst = failures.find(({ reason }) => reason !== "NotFound") ?? failures[0]
            return Effect.fail(new Dns.DnsError({ reason: worst?.reason ?? "NotFound", method: "lookup", hostname: name, cause: worst?.cause }))
          }
        )
      },
      resolve: (name, type) => dns.resolve(name, type)
    })
  })
)
