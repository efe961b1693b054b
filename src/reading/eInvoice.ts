import { BigDecimal, Data, Effect } from "effect"
import type { InvoiceFields } from "../domain/InvoiceFields.ts"
import { crossIndustryRoots, readCrossIndustryInvoice } from "./crossIndustryInvoice.ts"
import { readUniversalBusinessLanguage, ublRoots } from "./universalBusinessLanguage.ts"
import { parseTree, type XmlNode, type XmlTreeError } from "./xmlTree.ts"

/** Why an XML is not read as an e-invoice. `message` names the cause for operators and holds no content of the file. */
export class EInvoiceError extends Data.TaggedError("EInvoiceError")<{
  readonly reason: "not-an-invoice" | "malformed" | "unsupported" | "too-complex"
  readonly message: string
}> {}

const roots = new Set<string>([...crossIndustryRoots, ...ublRoots])

const fromTreeError = (error: XmlTreeError): EInvoiceError => {
  switch (error._tag) {
    case "Malformed":
      return new EInvoiceError({
        reason: "malformed",
        message: `e-invoice: not well-formed XML${error.line === null ? "" : ` (line ${error.line})`}`
      })
    case "Unsupported":
      return new EInvoiceError({ reason: "unsupported", message: "e-invoice: the XML uses entities or an encoding that is not read" })
    case "TooComplex":
      return new EInvoiceError({ reason: "too-complex", message: `e-invoice: the XML exceeds the limit of ${error.limit}` })
    case "UnwantedRoot":
      return notAnInvoice
  }
}

const notAnInvoice = new EInvoiceError({
  reason: "not-an-invoice",
  message: "e-invoice: the XML is no invoice in CII (Factur-X, ZUGFeRD, XRechnung) or UBL"
})

const fieldsOf = (root: XmlNode): InvoiceFields =>
  crossIndustryRoots.some((name) => name === root.name) ? readCrossIndustryInvoice(root) : readUniversalBusinessLanguage(root)

/** An invoice of less than nothing is a credit note by another code (380 with negative sums, as EN 16931 allows). */
const read = (root: XmlNode): InvoiceFields => {
  const fields = fieldsOf(root)
  const isNegative = fields.amountTTC !== null && BigDecimal.isNegative(fields.amountTTC)
  return isNegative && fields.documentType === "invoice" ? { ...fields, documentType: "credit-note" } : fields
}

/** A root called "Invoice" may be anybody's: one that has neither a number nor a total is not of ours. */
const isEmpty = (fields: InvoiceFields): boolean => fields.invoiceNumber === null && fields.amountTTC === null

/**
 * The fields of an e-invoice: CII (Factur-X and ZUGFeRD 2 in every profile, XRechnung), ZUGFeRD 1.0, UBL 2.x invoices
 * and credit notes. They are exact; nothing is inferred but the third of HT, TVA and TTC where the XML leaves it out.
 * The XML is untrusted: see `xmlTree`.
 */
export const readEInvoice = (xml: Uint8Array): Effect.Effect<InvoiceFields, EInvoiceError> =>
  parseTree(xml, roots).pipe(
    Effect.mapError(fromTreeError),
    Effect.map(read),
    Effect.filterOrFail((fields) => !isEmpty(fields), () => notAnInvoice)
  )
