import { type InvoiceFields, type LineItem, type VatLine } from "../domain/InvoiceFields.ts"
import { amountIn, amountsOf, companyNumbers, currencyCode, date, decimal, documentType, iban, oneLine, vatNumber } from "./eInvoiceValues.ts"
import { allAt, at, textAt, type XmlNode } from "./xmlTree.ts"

/** UN/CEFACT Cross Industry Invoice D16B (Factur-X, ZUGFeRD 2, XRechnung) and its forerunner in ZUGFeRD 1.0. */
export const crossIndustryRoots = ["CrossIndustryInvoice", "CrossIndustryDocument"] as const

/** The names that changed between ZUGFeRD 1.0 and the D16B schema. */
interface Vocabulary {
  readonly header: string
  readonly transaction: string
  readonly agreement: string
  readonly settlement: string
  readonly summation: string
  readonly rate: string
  readonly lineAgreement: string
  readonly lineDelivery: string
  readonly lineSettlement: string
  readonly lineSummation: string
}

const d16b: Vocabulary = {
  header: "ExchangedDocument",
  transaction: "SupplyChainTradeTransaction",
  agreement: "ApplicableHeaderTradeAgreement",
  settlement: "ApplicableHeaderTradeSettlement",
  summation: "SpecifiedTradeSettlementHeaderMonetarySummation",
  rate: "RateApplicablePercent",
  lineAgreement: "SpecifiedLineTradeAgreement",
  lineDelivery: "SpecifiedLineTradeDelivery",
  lineSettlement: "SpecifiedLineTradeSettlement",
  lineSummation: "SpecifiedTradeSettlementLineMonetarySummation"
}

const zugferd1: Vocabulary = {
  header: "HeaderExchangedDocument",
  transaction: "SpecifiedSupplyChainTradeTransaction",
  agreement: "ApplicableSupplyChainTradeAgreement",
  settlement: "ApplicableSupplyChainTradeSettlement",
  summation: "SpecifiedTradeSettlementMonetarySummation",
  rate: "ApplicablePercent",
  lineAgreement: "SpecifiedSupplyChainTradeAgreement",
  lineDelivery: "SpecifiedSupplyChainTradeDelivery",
  lineSettlement: "SpecifiedSupplyChainTradeSettlement",
  lineSummation: "SpecifiedTradeSettlementMonetarySummation"
}

const vatLine = (words: Vocabulary, tax: XmlNode): VatLine => ({
  rate: decimal(textAt(tax, words.rate)),
  base: decimal(textAt(tax, "BasisAmount")),
  amount: decimal(textAt(tax, "CalculatedAmount"))
})

const lineItem = (words: Vocabulary, line: XmlNode): ReadonlyArray<LineItem> => {
  const description = oneLine(textAt(line, "SpecifiedTradeProduct", "Name") ?? textAt(line, "SpecifiedTradeProduct", "Description"))
  return description === null ? [] : [{
    description,
    quantity: decimal(textAt(line, words.lineDelivery, "BilledQuantity")),
    unitPrice: decimal(textAt(line, words.lineAgreement, "NetPriceProductTradePrice", "ChargeAmount")),
    amount: decimal(textAt(line, words.lineSettlement, words.lineSummation, "LineTotalAmount"))
  }]
}

/** The fields of a CII tree; what a profile leaves out is null. Amounts keep the signs of the XML. */
export const readCrossIndustryInvoice = (root: XmlNode): InvoiceFields => {
  const words = root.name === "CrossIndustryDocument" ? zugferd1 : d16b
  const header = at(root, words.header)
  const transaction = at(root, words.transaction)
  const seller = at(transaction, words.agreement, "SellerTradeParty")
  const settlement = at(transaction, words.settlement)
  const summation = at(settlement, words.summation)
  const currency = currencyCode(textAt(settlement, "InvoiceCurrencyCode"))
  const { siren, siret } = companyNumbers([
    ...allAt(seller, "SpecifiedLegalOrganization", "ID"),
    ...allAt(seller, "ID"),
    ...allAt(seller, "GlobalID")
  ])
  const registrations = allAt(seller, "SpecifiedTaxRegistration").flatMap((entry) => allAt(entry, "ID"))
  return {
    documentType: documentType(textAt(header, "TypeCode")),
    supplierName: oneLine(textAt(seller, "Name") ?? textAt(seller, "SpecifiedLegalOrganization", "TradingBusinessName")),
    invoiceNumber: oneLine(textAt(header, "ID")),
    invoiceDate: date(textAt(header, "IssueDateTime", "DateTimeString") ?? textAt(header, "IssueDateTime", "DateTime")),
    dueDate: allAt(settlement, "SpecifiedTradePaymentTerms")
      .map((terms) => date(textAt(terms, "DueDateDateTime", "DateTimeString") ?? textAt(terms, "DueDateDateTime", "DateTime")))
      .find((due) => due !== null) ?? null,
    currency,
    ...amountsOf(
      amountIn(currency, summation, "TaxBasisTotalAmount"),
      amountIn(currency, summation, "TaxTotalAmount"),
      amountIn(currency, summation, "GrandTotalAmount")
    ),
    vatLines: allAt(settlement, "ApplicableTradeTax").map((tax) => vatLine(words, tax)),
    supplierVatNumber: registrations
      .filter((id) => (id.attributes["schemeID"] ?? "VA").toUpperCase() === "VA")
      .map((id) => vatNumber(id.text))
      .find((id) => id !== null) ?? null,
    supplierSiren: siren,
    supplierSiret: siret,
    iban: iban(allAt(settlement, "SpecifiedTradeSettlementPaymentMeans").map((means) =>
      textAt(means, "PayeePartyCreditorFinancialAccount", "IBANID")
    )),
    lineItems: allAt(transaction, "IncludedSupplyChainTradeLineItem").flatMap((line) => lineItem(words, line))
  }
}
