/** Bytes of UTF-8: the longest name that usual file systems take, so the longest that was a file's. */
const maxNameBytes = 255

/** Control characters, what turns the direction of text ("gpj.exe" shown as "exe.jpg"), and what cannot be seen. */
// oxlint-disable-next-line no-control-regex -- control characters are exactly what is taken out
const unseen = /[\u0000-\u001F\u007F-\u009F\u061C\u200B\u200E\u200F\u2028-\u202E\u2060-\u2064\u2066-\u206F\uFEFF\uFFF9-\uFFFB]/g

/** Names of devices, which Windows opens instead of a file, with any extension. */
const device = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i

const encoder = new TextEncoder()

/** Shortens in front of the extension, never within a character. */
const shorten = (name: string): string => {
  if (encoder.encode(name).length <= maxNameBytes) return name
  const extension = /\.[A-Za-z0-9]{1,8}$/.exec(name)?.[0] ?? ""
  let kept = ""
  let bytes = extension.length
  for (const character of name.slice(0, name.length - extension.length)) {
    bytes += encoder.encode(character).length
    if (bytes > maxNameBytes) break
    kept += character
  }
  return kept.trimEnd() + extension
}

/**
 * A sender's file name as it may be stored, shown and offered for download: the last element of what may be a path,
 * composed (NFC), without control, direction and invisible characters, at most 255 bytes. Null when nothing is left.
 * Even so it is a label and never part of a path in our storage.
 */
export const safeName = (name: string): string | null => {
  // The end is what matters: a name of a megabyte is cut before anything else is done with it.
  const cleaned = name.slice(-4_096).toWellFormed().normalize("NFC").replaceAll(unseen, "")
  const last = (cleaned.split(/[/\\]/).at(-1) ?? "").trim()
  if (/^\.*$/.test(last)) return null
  return device.test(last) ? shorten(`_${last}`) : shorten(last)
}
