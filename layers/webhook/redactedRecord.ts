/** So much of an answer is read and kept, in bytes. */
export const mostExcerpt = 16 * 1024

const mostHeaders = 40
const mostHeaderValue = 300
const hidden = "(hidden)"

/** Headers by whose name the value may be a credential. */
const secretName = /auth|cookie|token|secret|key|signature|session|password|credential/i

/** Pieces of the request that must not come back through an answer that quotes it. */
export const secretsOfRequest = (path: string, secrets: ReadonlyArray<string>): ReadonlyArray<string> => {
  const pieces = path.split(/[\/?&=#]/).flatMap((piece) => [piece, decoded(piece)])
  return [...new Set([path, decoded(path), ...pieces.filter((piece) => piece.length >= 8), ...secrets])]
    .filter((text) => text.length >= 4)
    .sort((one, other) => other.length - one.length)
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Text for people and for PostgreSQL, which keeps no NUL. */
const clean = (text: string, secrets: ReadonlyArray<string>): string =>
  secrets.reduce((cleaned, secret) => cleaned.replaceAll(secret, hidden), text).replaceAll("\0", "\uFFFD")

export const keptHeaders = (headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>, secrets: ReadonlyArray<string>): Record<string, string> => {
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers).slice(0, mostHeaders)) {
    if (value === undefined) continue
    const text = typeof value === "string" ? value : value.join(", ")
    kept[name.slice(0, 100).toWellFormed()] = secretName.test(name) ? hidden : clean(text, secrets).slice(0, mostHeaderValue).toWellFormed()
  }
  return kept
}

/** The body's beginning; a packed one is not unpacked: what it unpacks to has no bounds. */
export const keptExcerpt = (bytes: Buffer, encoding: string | undefined, secrets: ReadonlyArray<string>): string | null => {
  if (bytes.length === 0) return null
  if (encoding !== undefined && !/^identity$/i.test(encoding)) return `(packed as ${clean(encoding, secrets).slice(0, 40)}, ${bytes.length} bytes)`
  return clean(bytes.toString("utf8"), secrets)
}
