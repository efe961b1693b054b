import { cii } from "../samples/cii.ts"
import { joineryInvoice } from "../samples/invoices.ts"
import { utf8, cutAt } from "./bytes.ts"

/** A whole e-invoice (CII), which can be read: what the broken ones below are made of. */
export const ciiText = (): string => cii(joineryInvoice)

const withDoctype = (declarations: string, sellerName: string): Uint8Array =>
  utf8(
    ciiText()
      .replace("?>\n", `?>\n<!DOCTYPE rsm:CrossIndustryInvoice [\n${declarations}\n]>\n`)
      .replace(joineryInvoice.supplier.name, sellerName)
  )

/** "Billion laughs": the seller's name is an entity that unfolds to 10^9 words. */
export const xmlWithEntities = (): Uint8Array => {
  const declarations = Array.from({ length: 9 }, (_, index) =>
    `<!ENTITY lol${index + 1} "${`&lol${index};`.repeat(10)}">`)
  return withDoctype(["<!ENTITY lol0 \"lol\">", ...declarations].join("\n"), "&lol9;")
}

/** The seller's name is an entity that stands for a file or an address of the reading machine. */
export const xmlWithExternalEntity = (url: string): Uint8Array =>
  withDoctype(`<!ENTITY outside SYSTEM "${url}">`, "&outside;")

/** An e-invoice whose note contains 10,000 elements inside one another. */
export const xmlDeep = (depth = 10_000): Uint8Array =>
  utf8(ciiText().replace(/(<ram:Content>)[^<]*/, `$1${"<ram:a>".repeat(depth)}${"</ram:a>".repeat(depth)}`))

/** Well-formed XML that is no invoice. */
export const xmlOtherRoot = (): Uint8Array =>
  utf8("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<recette><titre>Galette</titre><farine unite=\"g\">330</farine></recette>\n")

/** A readable e-invoice in UTF-16 (little-endian, with byte order mark). */
export const xmlUtf16 = (): Uint8Array =>
  new Uint8Array(Buffer.from(`\uFEFF${ciiText().replace("UTF-8", "UTF-16")}`, "utf16le"))

/** A readable e-invoice in ISO 8859-1, as it declares. */
export const xmlLatin1 = (): Uint8Array => new Uint8Array(Buffer.from(ciiText().replace("UTF-8", "ISO-8859-1"), "latin1"))

/** The first 60 % of an e-invoice: the lines are there, the totals are not. */
export const truncatedXml = (): Uint8Array => cutAt(utf8(ciiText()), 0.6)
