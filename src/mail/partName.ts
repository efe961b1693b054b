import { decodeField, parseStructuredField, readHeaderBlock } from "./headers.ts"
import type { MailStructure } from "./MailStructure.ts"
import { safeName } from "./safeName.ts"
import { encodingName } from "./transferEncoding.ts"
import type { WantedPart } from "./WantedPart.ts"

type Said = Pick<MailStructure, "parameters" | "dispositionParameters" | "location" | "description">

const isDamaged = (name: string): boolean => name.includes("\uFFFD")

/**
 * The name that the sender gave a part, made safe: of the disposition, else of the type (where the first was damaged on
 * the way, the second), else what a description or location ends in if it looks like a file's name.
 */
export const partName = (said: Said): string | null => {
  const named = [said.dispositionParameters?.["filename"], said.dispositionParameters?.["name"], said.parameters?.["name"], said.parameters?.["filename"]]
    .flatMap((name) => (name === undefined ? [] : safeName(name) ?? []))
  const looksLikeOne = [said.description, said.location?.replace(/[?#].*$/, "")]
    .flatMap((name) => (name === undefined ? [] : safeName(name) ?? []))
    .filter((name) => /^[^:]{1,150}\.[A-Za-z0-9]{2,4}$/.test(name))
  return named.find((name) => !isDamaged(name)) ?? named[0] ?? looksLikeOne[0] ?? null
}

/** Encodings that need no second opinion. */
const isKnownEncoding = (encoding: string): boolean => /^(base64|quoted-printable)$/.test(encoding)

/**
 * The part with what its own MIME header says (`BODY.PEEK[<section>.MIME]`): a server's BODYSTRUCTURE loses backslashes,
 * blanks and odd encodings, and imapflow the raw 8-bit characters of a name; the header has them all. A header of another
 * type than the part's belongs to something else: some servers count otherwise.
 */
export const withMimeHeader = (part: WantedPart, mimeHeader: Uint8Array): WantedPart => {
  const { fields } = readHeaderBlock(mimeHeader)
  const type = parseStructuredField(fields.get("content-type")?.[0] ?? "")
  if (type.value.includes("/") && type.value !== part.declaredType) return part
  const name = partName({
    dispositionParameters: parseStructuredField(fields.get("content-disposition")?.[0] ?? "").parameters,
    parameters: type.parameters,
    description: decodeField(fields.get("content-description")?.[0] ?? ""),
    location: decodeField(fields.get("content-location")?.[0] ?? "")
  })
  const encoding = encodingName(fields.get("content-transfer-encoding")?.[0] ?? "")
  return { ...part, name: name ?? part.name, encoding: isKnownEncoding(part.encoding) || encoding === "" ? part.encoding : encoding }
}
