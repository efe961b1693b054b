import { format, type Money } from "../../../src/domain/Money.ts"
import { type Firm, type Invoice, type Line, lineAmount, totals, vatGroups } from "./Invoice.ts"
import { unitCodes } from "./unitCodes.ts"
import { element, parent } from "./xmlText.ts"

const amount = (name: string, value: Money): string => element(name, format(value), "currencyID=\"EUR\"")

const vatScheme = parent("cac:TaxScheme", [element("cbc:ID", "VAT")])

const taxCategory = (name: string, rate: Money): string =>
  parent(name, [element("cbc:ID", "S"), element("cbc:Percent", format(rate)), vatScheme])

const contact = (firm: Firm): string =>
  parent("cac:Contact", [
    element("cbc:Name", "Buchhaltung"),
    element("cbc:Telephone", firm.phone),
    element("cbc:ElectronicMail", firm.email)
  ])

const party = (firm: Firm, ...more: ReadonlyArray<string>): string =>
  parent("cac:Party", [
    element("cbc:EndpointID", firm.email, "schemeID=\"EM\""),
    parent("cac:PostalAddress", [
      element("cbc:StreetName", firm.street),
      element("cbc:CityName", firm.city),
      element("cbc:PostalZone", firm.postcode),
      parent("cac:Country", [element("cbc:IdentificationCode", firm.country)])
    ]),
    parent("cac:PartyTaxScheme", [element("cbc:CompanyID", firm.vatNumber), vatScheme]),
    parent("cac:PartyLegalEntity", [element("cbc:RegistrationName", firm.name)]),
    ...more
  ])

const invoiceLine = (line: Line, index: number): string =>
  parent("cac:InvoiceLine", [
    element("cbc:ID", String(index + 1)),
    element("cbc:InvoicedQuantity", format(line.quantity), `unitCode="${unitCodes[line.unit]}"`),
    amount("cbc:LineExtensionAmount", lineAmount(line)),
    parent("cac:Item", [element("cbc:Name", line.description), taxCategory("cac:ClassifiedTaxCategory", line.vatRate)]),
    parent("cac:Price", [amount("cbc:PriceAmount", line.unitPrice)])
  ])

/** OASIS UBL 2.1 as XRechnung 3.0 uses it. */
export const ubl = (invoice: Invoice): string => {
  const { ht, tva, ttc } = totals(invoice)
  const document = parent("ubl:Invoice", [
    element("cbc:CustomizationID", "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"),
    element("cbc:ProfileID", "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"),
    element("cbc:ID", invoice.number),
    element("cbc:IssueDate", invoice.date),
    element("cbc:DueDate", invoice.dueDate),
    element("cbc:InvoiceTypeCode", "380"),
    element("cbc:Note", invoice.site),
    element("cbc:DocumentCurrencyCode", "EUR"),
    element("cbc:BuyerReference", invoice.buyer.name),
    parent("cac:AccountingSupplierParty", [party(invoice.supplier, contact(invoice.supplier))]),
    parent("cac:AccountingCustomerParty", [party(invoice.buyer)]),
    parent("cac:Delivery", [element("cbc:ActualDeliveryDate", invoice.deliveryDate)]),
    parent("cac:PaymentMeans", [
      element("cbc:PaymentMeansCode", "58"),
      element("cbc:PaymentID", invoice.number),
      parent("cac:PayeeFinancialAccount", [element("cbc:ID", invoice.supplier.iban)])
    ]),
    parent("cac:PaymentTerms", [element("cbc:Note", `Zahlbar bis ${invoice.dueDate}`)]),
    parent("cac:TaxTotal", [
      amount("cbc:TaxAmount", tva),
      ...vatGroups(invoice).map((group) =>
        parent("cac:TaxSubtotal", [
          amount("cbc:TaxableAmount", group.base),
          amount("cbc:TaxAmount", group.amount),
          taxCategory("cac:TaxCategory", group.rate)
        ])
      )
    ]),
    parent("cac:LegalMonetaryTotal", [
      amount("cbc:LineExtensionAmount", ht),
      amount("cbc:TaxExclusiveAmount", ht),
      amount("cbc:TaxInclusiveAmount", ttc),
      amount("cbc:PayableAmount", ttc)
    ]),
    ...invoice.lines.map(invoiceLine)
  ], [
    "xmlns:ubl=\"urn:oasis:names:specification:ubl:schema:xsd:Invoice-2\"",
    "xmlns:cac=\"urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2\"",
    "xmlns:cbc=\"urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2\""
  ].join(" "))
  return `<?xml version="1.0" encoding="UTF-8"?>\n${document}\n`
}
