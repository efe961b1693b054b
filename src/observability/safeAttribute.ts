import { attributes } from "./attributes.ts"

const allowed: ReadonlySet<string> = new Set(Object.values(attributes))

/** Scheme, host and port: the path and query of a tenant's URL are credentials as often as not. */
const originOf = (url: unknown): string | null => {
  const parsed = typeof url === "string" ? URL.parse(url) : url instanceof URL ? url : null
  return parsed === null || parsed.origin === "null" ? null : parsed.origin
}

/** What of an attribute may leave the process: nothing unless its key is known here. */
export const safeAttribute = (key: string, value: unknown): { readonly key: string; readonly value: unknown } | null => {
  if (!allowed.has(key)) return null
  if (key !== attributes.urlFull) return { key, value }
  const origin = originOf(value)
  return origin === null ? null : { key, value: origin }
}
