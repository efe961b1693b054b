import { Result } from "effect"
import { fromUrlHostname, type NamedHost } from "./AddressRules.ts"

/** A webhook's address after all that can be said of it without asking anybody. */
export interface WebhookTarget {
  readonly secure: boolean
  readonly host: NamedHost
  /** For the certificate, and to be asked about: no brackets, no trailing dot. */
  readonly hostname: string
  readonly port: number
  /** Scheme, host and port: where a connection can be used again. */
  readonly origin: string
  /** Path and query. A credential with some receivers: it goes into the request and nowhere else. */
  readonly path: string
}

export type WebhookUrlProblem = "malformed" | "scheme" | "https-only" | "userinfo" | "port" | "zone"

/**
 * Ports of services that read what they are sent as commands: those that browsers block, and data stores. Below 1024
 * only the web's own are open.
 */
const blockedPorts: ReadonlySet<number> = new Set([
  1719, 1720, 1723, 2049, 2375, 2376, 2379, 3306, 3659, 4045, 4190, 5060, 5061, 5432, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697,
  9042, 9200, 10080, 10250, 11211, 27017
])
const isOpenPort = (port: number): boolean => port === 80 || port === 443 || (port >= 1024 && !blockedPorts.has(port))

/** Reads the address as the WHATWG's parser does, once; everything after works on the result. */
export const parseWebhookUrl = (text: string, { httpsOnly }: { readonly httpsOnly: boolean }): Result.Result<WebhookTarget, WebhookUrlProblem> => {
  const url = text.length > 8_192 ? null : URL.parse(text)
  if (url === null) return Result.fail("malformed")
  const secure = url.protocol === "https:"
  if (!secure && url.protocol !== "http:") return Result.fail("scheme")
  if (!secure && httpsOnly) return Result.fail("https-only")
  if (url.username !== "" || url.password !== "") return Result.fail("userinfo")
  const port = url.port === "" ? (secure ? 443 : 80) : Number(url.port)
  if (!isOpenPort(port)) return Result.fail("port")
  const host = fromUrlHostname(url.hostname)
  if (Result.isFailure(host)) return Result.fail(host.failure)
  const hostname = host.success._tag === "Name" ? host.success.name : url.hostname.replace(/^\[|\]$/g, "")
  const authority = `${hostname.includes(":") ? `[${hostname}]` : hostname}${url.port === "" ? "" : `:${url.port}`}`
  return Result.succeed({ secure, host: host.success, hostname, port, origin: `${url.protocol}//${authority}`, path: `${url.pathname}${url.search}` })
}
