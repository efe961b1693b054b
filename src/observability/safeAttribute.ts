import { attributes } from "./attributes.ts"

/** Set by the libraries underneath, harmless, and named by OpenTelemetry's semantic conventions. */
const ofLibraries = [
  "http.request.method",
  "http.response.status_code",
  "server.address",
  "server.port",
  "url.scheme",
  "url.full",
  "db.system.name",
  "db.namespace",
  "db.operation.name",
  // The statement with its placeholders: values never stand in it.
  "db.query.text"
]

const allowed: ReadonlySet<string> = new Set([...Object.values(attributes), ...ofLibraries])

/** Scheme, host and port: the path and query of a tenant's URL are credentials as often as not. */
const originOf = (url: unknown): string | null => {
  const parsed = typeof url === "string" ? URL.parse(url) : url instanceof URL ? url : null
  return parsed === null || parsed.origin === "null" ? null : parsed.origin
}

/** What of an attribute may leave the process: nothing unless its key is known here. */
export const safeAttribute = (key: string, value: unknown): { readonly key: string; readonly value: unknown } | null => {
  if (!allowed.has(key)) return null
  if (key !== "url.full") return { key, value }
  const origin = originOf(value)
  return origin === null ? null : { key, value: origin }
}
