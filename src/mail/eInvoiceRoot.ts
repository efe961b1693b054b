import { binaryOf } from "./text.ts"

/** How far the root element may stand behind: a prologue with a licence in a comment is longer than one expects. */
const prologue = 64 * 1024

const textOf = (bytes: Uint8Array): string => {
  const head = bytes.subarray(0, prologue)
  const utf16 = head[0] === 0xff || (head[0] === 0x3c && head[1] === 0) ? "utf-16le" : head[0] === 0xfe || (head[0] === 0 && head[1] === 0x3c) ? "utf-16be" : null
  // Names and namespaces are ASCII: one character per byte serves for every other encoding.
  return utf16 === null ? binaryOf(head).replace(/^\u00EF\u00BB\u00BF/, "") : new TextDecoder(utf16).decode(head)
}

/** Behind white space, declarations and comments; -1 where there is no element, or a document type (which may define entities). */
const rootStart = (text: string): number => {
  let at = 0
  for (;;) {
    while (at < text.length && text.charCodeAt(at) <= 0x20) at++
    const close = text.startsWith("<?", at) ? "?>" : text.startsWith("<!--", at) ? "-->" : null
    if (close === null) return text[at] === "<" && text[at + 1] !== "!" ? at : -1
    const end = text.indexOf(close, at + close.length)
    if (end === -1) return -1
    at = end + close.length
  }
}

/** Root elements by their namespace: CII of every year, its forerunner in ZUGFeRD 1.0, UBL 2. */
const roots: ReadonlyArray<{ readonly name: RegExp; readonly namespace: RegExp }> = [
  { name: /^CrossIndustryInvoice$/, namespace: /^urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:/ },
  { name: /^CrossIndustryDocument$/, namespace: /^urn:ferd:CrossIndustryDocument:/ },
  { name: /^Invoice$/, namespace: /^urn:oasis:names:specification:ubl:schema:xsd:Invoice-2/ },
  { name: /^CreditNote$/, namespace: /^urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2/ }
]

/**
 * Whether an XML is a CII or UBL invoice, by its root element and that element's namespace. Only the root's start tag
 * is looked at: nothing is parsed further, no entity is expanded.
 */
export const isEInvoice = (bytes: Uint8Array): boolean => {
  const text = textOf(bytes)
  const start = rootStart(text)
  if (start === -1) return false
  const end = text.indexOf(">", start)
  const tag = text.slice(start + 1, end === -1 ? start + 20_000 : end)
  const [, prefix, name] = /^(?:([\w.-]{1,100}):)?([\w.-]{1,100})(?=[\s/]|$)/.exec(tag) ?? []
  if (name === undefined) return false
  const declared = prefix === undefined ? /\sxmlns\s{0,5}=\s{0,5}["']([^"']{0,500})["']/ : new RegExp(`\\sxmlns:${prefix.replaceAll(".", "\\.")}\\s{0,5}=\\s{0,5}["']([^"']{0,500})["']`)
  const namespace = declared.exec(tag)?.[1] ?? ""
  return roots.some((root) => root.name.test(name) && root.namespace.test(namespace))
}
