import { type DocumentType, type InvoiceFields, type LineItem, type VatLine } from "../domain/InvoiceFields.ts"
import { amountIn, amountsOf, companyNumbers, currencyCode, date, decimal, documentType, iban, oneLine, vatNumber } from "./eInvoiceValues.ts"
import { allAt, at, textAt, type XmlNode } from "./xmlTree.ts"

/** OASIS UBL 2.x (ISO/IEC 19845): XRechnung, Peppol BIS 3. */
export const ublRoots = ["Invoice", "CreditNote"] as const

const vatLine = (currency: string | null, subtotal: XmlNode): VatLine => ({
  rate: decimal(textAt(subtotal, "TaxCategory", "Percent") ?? textAt(subtotal, "Percent")),
  base: amountIn(currency, subtotal, "TaxableAmount"),
  amount: amountIn(currency, subtotal, "TaxAmount")
})

const lineItem = (line: XmlNode): ReadonlyArray<LineItem> => {
  const description = oneLine(textAt(line, "Item", "Name") ?? textAt(line, "Item", "Description"))
  return description === null ? [] : [{
    description,
    quantity: decimal(textAt(line, "InvoicedQuantity") ?? textAt(line, "CreditedQuantity")),
    unitPrice: decimal(textAt(line, "Price", "PriceAmount")),
    amount: decimal(textAt(line, "LineExtensionAmount"))
  }]
}

const typeOf = (root: XmlNode): DocumentType =>
  root.name === "CreditNote" ? "credit-note" : documentType(textAt(root, "InvoiceTypeCode")) ?? "invoice"

/** The fields of a UBL tree. Amounts keep the signs of the XML. */
export const readUniversalBusinessLanguage = (root: XmlNode): InvoiceFields => {
  const seller = at(root, "AccountingSupplierParty", "Party")
  const currency = currencyCode(textAt(root, "DocumentCurrencyCode"))
  const total = at(root, "LegalMonetaryTotal")
  // A second TaxTotal may state the VAT in the currency of the accounts (BT-111); it has no breakdown.
  const taxTotals = allAt(root, "TaxTotal")
  const taxTotal = taxTotals.find((tax) => amountIn(currency, tax, "TaxAmount") !== null &&
    currencyCode(at(tax, "TaxAmount")?.attributes["currencyID"] ?? currency) === currency) ?? taxTotals[0] ?? null
  const { siren, siret } = companyNumbers([
    ...allAt(seller, "PartyLegalEntity").flatMap((entity) => allAt(entity, "CompanyID")),
    ...allAt(seller, "PartyIdentification").flatMap((identification) => allAt(identification, "ID"))
  ])
  return {
    documentType: typeOf(root),
    supplierName: oneLine(textAt(seller, "PartyLegalEntity", "RegistrationName") ?? textAt(seller, "PartyName", "Name")),
    invoiceNumber: oneLine(textAt(root, "ID")),
    invoiceDate: date(textAt(root, "IssueDate")),
    dueDate: date(textAt(root, "DueDate") ?? textAt(root, "PaymentMeans", "PaymentDueDate") ?? textAt(root, "PaymentTerms", "PaymentDueDate")),
    currency,
    ...amountsOf(
      amountIn(currency, total, "TaxExclusiveAmount"),
      amountIn(currency, taxTotal, "TaxAmount"),
      amountIn(currency, total, "TaxInclusiveAmount")
    ),
    vatLines: allAt(taxTotal, "TaxSubtotal").map((subtotal) => vatLine(currency, subtotal)),
    supplierVatNumber: allAt(seller, "PartyTaxScheme")
      .filter((scheme) => (textAt(scheme, "TaxScheme", "ID") ?? "VAT").toUpperCase() === "VAT")
      .map((scheme) => vatNumber(textAt(scheme, "CompanyID")))
      .find((id) => id !== null) ?? null,
    supplierSiren: siren,
    supplierSiret: siret,
    iban: iban(allAt(root, "PaymentMeans").map((means) => textAt(means, "PayeeFinancialAccount", "ID"))),
    lineItems: [...allAt(root, "InvoiceLine"), ...allAt(root, "CreditNoteLine")].flatMap(lineItem)
  }
}
