import { format, type Money } from "../../../src/domain/Money.ts"
import { type Firm, type Invoice, type Line, lineAmount, totals, vatGroups } from "./Invoice.ts"
import { unitCodes } from "./unitCodes.ts"
import { element, parent } from "./xmlText.ts"

const date = (day: string): string => element("udt:DateTimeString", day.replaceAll("-", ""), "format=\"102\"")

const vatCategory = (rate: Money): ReadonlyArray<string> => [
  element("ram:CategoryCode", "S"),
  element("ram:RateApplicablePercent", format(rate))
]

const party = (name: string, firm: Firm): string =>
  parent(name, [
    element("ram:Name", firm.name),
    // 0002 is the SIRENE register (ISO/IEC 6523 list of identifier schemes): the SIREN.
    ...(firm.siret === null
      ? []
      : [parent("ram:SpecifiedLegalOrganization", [element("ram:ID", firm.siret.slice(0, 9), "schemeID=\"0002\"")])]),
    parent("ram:PostalTradeAddress", [
      element("ram:PostcodeCode", firm.postcode),
      element("ram:LineOne", firm.street),
      element("ram:CityName", firm.city),
      element("ram:CountryID", firm.country)
    ]),
    parent("ram:URIUniversalCommunication", [element("ram:URIID", firm.email, "schemeID=\"EM\"")]),
    parent("ram:SpecifiedTaxRegistration", [element("ram:ID", firm.vatNumber, "schemeID=\"VA\"")])
  ])

const lineItem = (line: Line, index: number): string =>
  parent("ram:IncludedSupplyChainTradeLineItem", [
    parent("ram:AssociatedDocumentLineDocument", [element("ram:LineID", String(index + 1))]),
    parent("ram:SpecifiedTradeProduct", [element("ram:Name", line.description)]),
    parent("ram:SpecifiedLineTradeAgreement", [
      parent("ram:NetPriceProductTradePrice", [element("ram:ChargeAmount", format(line.unitPrice))])
    ]),
    parent("ram:SpecifiedLineTradeDelivery", [
      element("ram:BilledQuantity", format(line.quantity), `unitCode="${unitCodes[line.unit]}"`)
    ]),
    parent("ram:SpecifiedLineTradeSettlement", [
      parent("ram:ApplicableTradeTax", [element("ram:TypeCode", "VAT"), ...vatCategory(line.vatRate)]),
      parent("ram:SpecifiedTradeSettlementLineMonetarySummation", [element("ram:LineTotalAmount", format(lineAmount(line)))])
    ])
  ])

/** UN/CEFACT Cross Industry Invoice D16B in the EN 16931 profile of Factur-X 1.0. */
export const cii = (invoice: Invoice): string => {
  const { ht, tva, ttc } = totals(invoice)
  const document = parent("rsm:CrossIndustryInvoice", [
    parent("rsm:ExchangedDocumentContext", [
      parent("ram:GuidelineSpecifiedDocumentContextParameter", [element("ram:ID", "urn:cen.eu:en16931:2017")])
    ]),
    parent("rsm:ExchangedDocument", [
      element("ram:ID", invoice.number),
      element("ram:TypeCode", "380"),
      parent("ram:IssueDateTime", [date(invoice.date)]),
      parent("ram:IncludedNote", [element("ram:Content", `Chantier : ${invoice.site}`)])
    ]),
    parent("rsm:SupplyChainTradeTransaction", [
      ...invoice.lines.map(lineItem),
      parent("ram:ApplicableHeaderTradeAgreement", [
        party("ram:SellerTradeParty", invoice.supplier),
        party("ram:BuyerTradeParty", invoice.buyer)
      ]),
      parent("ram:ApplicableHeaderTradeDelivery", [
        parent("ram:ActualDeliverySupplyChainEvent", [parent("ram:OccurrenceDateTime", [date(invoice.deliveryDate)])])
      ]),
      parent("ram:ApplicableHeaderTradeSettlement", [
        element("ram:PaymentReference", invoice.number),
        element("ram:InvoiceCurrencyCode", "EUR"),
        parent("ram:SpecifiedTradeSettlementPaymentMeans", [
          element("ram:TypeCode", "58"),
          parent("ram:PayeePartyCreditorFinancialAccount", [element("ram:IBANID", invoice.supplier.iban)])
        ]),
        ...vatGroups(invoice).map((group) =>
          parent("ram:ApplicableTradeTax", [
            element("ram:CalculatedAmount", format(group.amount)),
            element("ram:TypeCode", "VAT"),
            element("ram:BasisAmount", format(group.base)),
            ...vatCategory(group.rate)
          ])
        ),
        parent("ram:SpecifiedTradePaymentTerms", [parent("ram:DueDateDateTime", [date(invoice.dueDate)])]),
        parent("ram:SpecifiedTradeSettlementHeaderMonetarySummation", [
          element("ram:LineTotalAmount", format(ht)),
          element("ram:TaxBasisTotalAmount", format(ht)),
          element("ram:TaxTotalAmount", format(tva), "currencyID=\"EUR\""),
          element("ram:GrandTotalAmount", format(ttc)),
          element("ram:DuePayableAmount", format(ttc))
        ])
      ])
    ])
  ], [
    "xmlns:rsm=\"urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100\"",
    "xmlns:ram=\"urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100\"",
    "xmlns:udt=\"urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100\""
  ].join(" "))
  return `<?xml version="1.0" encoding="UTF-8"?>\n${document}\n`
}
