import { decodeField, parseStructuredField, readHeaderBlock } from "./headers.ts"
import type { MailStructure } from "./MailStructure.ts"
import { safeName } from "./safeName.ts"
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

/**
 * Whether a server's account of the name is not to be believed: none, damaged, or what is left of a Windows path. Then
 * `withMimeHeader` is worth the question.
 */
export const isNameDoubtful = ({ name }: WantedPart): boolean => name === null || isDamaged(name) || /^([A-Za-z]:|\.\.)/.test(name)

/**
 * The part with what its own MIME header says (`BODY.PEEK[<section>.MIME]`): a server's BODYSTRUCTURE loses backslashes
 * and imapflow the raw 8-bit characters of a name, the header has them all. The sections "", "TEXT" and "….TEXT" have
 * none.
 */
export const withMimeHeader = (part: WantedPart, mimeHeader: Uint8Array): WantedPart => {
  const { fields } = readHeaderBlock(mimeHeader)
  const structured = (name: string) => parseStructuredField(fields.get(name)?.[0] ?? "").parameters
  const name = partName({
    dispositionParameters: structured("content-disposition"),
    parameters: structured("content-type"),
    description: decodeField(fields.get("content-description")?.[0] ?? ""),
    location: decodeField(fields.get("content-location")?.[0] ?? "")
  })
  return name === null ? part : { ...part, name }
}
