/** E-invoices of our own making, in every profile and dialect; all say the same where they say it. */
export const said = {
  supplierName: "Toiture & Zinc SARL",
  invoiceNumber: "TZ-2024-0815",
  invoiceDate: "2024-06-30",
  currency: "EUR",
  amountHT: "1000.00",
  amountTVA: "150.00",
  amountTTC: "1150.00"
} as const

interface CiiParts {
  readonly profile: string
  readonly typeCode?: string
  readonly amounts?: readonly [string, string, string]
  readonly lines?: boolean
  readonly breakdown?: boolean
  readonly payment?: boolean
  readonly prefix?: readonly [string, string, string]
}

/** Factur-X / ZUGFeRD 2 in the Cross Industry Invoice of UN/CEFACT D16B. */
export const cii = (parts: CiiParts): string => {
  const [rsm, ram, udt] = parts.prefix ?? ["rsm:", "ram:", "udt:"]
  const [ht, tva, ttc] = parts.amounts ?? ["1000.00", "150.00", "1150.00"]
  const xmlns = (prefix: string, uri: string) => prefix === "" ? `xmlns="${uri}"` : `xmlns:${prefix.slice(0, -1)}="${uri}"`
  const uris = ["urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100", "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100", "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"]
  const namespaces = [...new Set([rsm, ram, udt].map((prefix, index) => xmlns(prefix, uris[index] ?? "")))].filter((text, index, all) => all.findIndex((other) => other.split("=")[0] === text.split("=")[0]) === index).join(" ")
  const line = `<${ram}IncludedSupplyChainTradeLineItem><${ram}SpecifiedTradeProduct><${ram}Name>Zinc sheet</${ram}Name></${ram}SpecifiedTradeProduct><${ram}SpecifiedLineTradeAgreement><${ram}NetPriceProductTradePrice><${ram}ChargeAmount>100.00</${ram}ChargeAmount></${ram}NetPriceProductTradePrice></${ram}SpecifiedLineTradeAgreement><${ram}SpecifiedLineTradeDelivery><${ram}BilledQuantity unitCode="C62">10</${ram}BilledQuantity></${ram}SpecifiedLineTradeDelivery><${ram}SpecifiedLineTradeSettlement><${ram}SpecifiedTradeSettlementLineMonetarySummation><${ram}LineTotalAmount>1000.00</${ram}LineTotalAmount></${ram}SpecifiedTradeSettlementLineMonetarySummation></${ram}SpecifiedLineTradeSettlement></${ram}IncludedSupplyChainTradeLineItem>`
  const tax = (amount: string, base: string, rate: string) => `<${ram}ApplicableTradeTax><${ram}CalculatedAmount>${amount}</${ram}CalculatedAmount><${ram}TypeCode>VAT</${ram}TypeCode><${ram}BasisAmount>${base}</${ram}BasisAmount><${ram}RateApplicablePercent>${rate}</${ram}RateApplicablePercent></${ram}ApplicableTradeTax>`
  const payment = `<${ram}SpecifiedTradeSettlementPaymentMeans><${ram}TypeCode>30</${ram}TypeCode><${ram}PayeePartyCreditorFinancialAccount><${ram}IBANID>FR76 3000 6000 0112 3456 7890 189</${ram}IBANID></${ram}PayeePartyCreditorFinancialAccount></${ram}SpecifiedTradeSettlementPaymentMeans>`
  return `<?xml version="1.0" encoding="UTF-8"?>
<${rsm}CrossIndustryInvoice ${namespaces}>
  <${rsm}ExchangedDocumentContext><${ram}GuidelineSpecifiedDocumentContextParameter><${ram}ID>${parts.profile}</${ram}ID></${ram}GuidelineSpecifiedDocumentContextParameter></${rsm}ExchangedDocumentContext>
  <${rsm}ExchangedDocument><${ram}ID>TZ-2024-0815</${ram}ID><${ram}TypeCode>${parts.typeCode ?? "380"}</${ram}TypeCode><${ram}IssueDateTime><${udt}DateTimeString format="102">20240630</${udt}DateTimeString></${ram}IssueDateTime></${rsm}ExchangedDocument>
  <${rsm}SupplyChainTradeTransaction>${parts.lines === true ? line : ""}
    <${ram}ApplicableHeaderTradeAgreement>
      <${ram}SellerTradeParty><${ram}Name>Toiture &amp; Zinc SARL</${ram}Name><${ram}SpecifiedLegalOrganization><${ram}ID schemeID="0002">73282932000074</${ram}ID></${ram}SpecifiedLegalOrganization><${ram}SpecifiedTaxRegistration><${ram}ID schemeID="VA">FR44732829320</${ram}ID></${ram}SpecifiedTaxRegistration></${ram}SellerTradeParty>
      <${ram}BuyerTradeParty><${ram}Name>Client SCI</${ram}Name><${ram}SpecifiedLegalOrganization><${ram}ID schemeID="0002">55208131766522</${ram}ID></${ram}SpecifiedLegalOrganization></${ram}BuyerTradeParty>
    </${ram}ApplicableHeaderTradeAgreement>
    <${ram}ApplicableHeaderTradeSettlement>
      <${ram}InvoiceCurrencyCode>EUR</${ram}InvoiceCurrencyCode>${parts.payment === true ? payment : ""}
      ${parts.breakdown === true ? tax("100.00", "500.00", "20.00") + tax("50.00", "500.00", "10.00") : ""}
      ${parts.payment === true ? `<${ram}SpecifiedTradePaymentTerms><${ram}DueDateDateTime><${udt}DateTimeString format="102">20240730</${udt}DateTimeString></${ram}DueDateDateTime></${ram}SpecifiedTradePaymentTerms>` : ""}
      <${ram}SpecifiedTradeSettlementHeaderMonetarySummation><${ram}TaxBasisTotalAmount>${ht}</${ram}TaxBasisTotalAmount><${ram}TaxTotalAmount currencyID="CHF">999.99</${ram}TaxTotalAmount><${ram}TaxTotalAmount currencyID="EUR">${tva}</${ram}TaxTotalAmount><${ram}GrandTotalAmount>${ttc}</${ram}GrandTotalAmount><${ram}DuePayableAmount>12.00</${ram}DuePayableAmount></${ram}SpecifiedTradeSettlementHeaderMonetarySummation>
    </${ram}ApplicableHeaderTradeSettlement>
  </${rsm}SupplyChainTradeTransaction>
</${rsm}CrossIndustryInvoice>`
}

/** ZUGFeRD 1.0 of 2014. */
export const zugferd1 = `<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryDocument xmlns:rsm="urn:ferd:CrossIndustryDocument:invoice:1p0" xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:12" xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:15">
  <rsm:HeaderExchangedDocument><ram:ID>TZ-2024-0815</ram:ID><ram:TypeCode>380</ram:TypeCode><ram:IssueDateTime><udt:DateTimeString format="102">20240630</udt:DateTimeString></ram:IssueDateTime></rsm:HeaderExchangedDocument>
  <rsm:SpecifiedSupplyChainTradeTransaction>
    <ram:ApplicableSupplyChainTradeAgreement><ram:SellerTradeParty><ram:Name>Toiture &amp; Zinc SARL</ram:Name><ram:SpecifiedTaxRegistration><ram:ID schemeID="FC">201/113/40209</ram:ID></ram:SpecifiedTaxRegistration><ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">FR44732829320</ram:ID></ram:SpecifiedTaxRegistration></ram:SellerTradeParty></ram:ApplicableSupplyChainTradeAgreement>
    <ram:ApplicableSupplyChainTradeSettlement><ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>
      <ram:ApplicableTradeTax><ram:CalculatedAmount currencyID="EUR">150.00</ram:CalculatedAmount><ram:BasisAmount currencyID="EUR">1000.00</ram:BasisAmount><ram:ApplicablePercent>15.00</ram:ApplicablePercent></ram:ApplicableTradeTax>
      <ram:SpecifiedTradeSettlementMonetarySummation><ram:TaxBasisTotalAmount currencyID="EUR">1000.00</ram:TaxBasisTotalAmount><ram:TaxTotalAmount currencyID="EUR">150.00</ram:TaxTotalAmount><ram:GrandTotalAmount currencyID="EUR">1150.00</ram:GrandTotalAmount></ram:SpecifiedTradeSettlementMonetarySummation>
    </ram:ApplicableSupplyChainTradeSettlement>
  </rsm:SpecifiedSupplyChainTradeTransaction>
</rsm:CrossIndustryDocument>`

/** UBL 2.1 as XRechnung and Peppol use it. */
export const ubl = (root: "Invoice" | "CreditNote"): string => `<?xml version="1.0" encoding="UTF-8"?>
<ubl:${root} xmlns:ubl="urn:oasis:names:specification:ubl:schema:xsd:${root}-2" xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <cbc:ID>TZ-2024-0815</cbc:ID><cbc:IssueDate>2024-06-30</cbc:IssueDate><cbc:DueDate>2024-07-30</cbc:DueDate>
  ${root === "Invoice" ? "<cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>" : "<cbc:CreditNoteTypeCode>381</cbc:CreditNoteTypeCode>"}
  <cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
  <cac:AccountingSupplierParty><cac:Party><cac:PartyName><cbc:Name>TZ</cbc:Name></cac:PartyName><cac:PartyTaxScheme><cbc:CompanyID>FR44732829320</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme><cac:PartyLegalEntity><cbc:RegistrationName>Toiture &amp; Zinc SARL</cbc:RegistrationName></cac:PartyLegalEntity></cac:Party></cac:AccountingSupplierParty>
  <cac:PaymentMeans><cac:PayeeFinancialAccount><cbc:ID>FR7630006000011234567890189</cbc:ID></cac:PayeeFinancialAccount></cac:PaymentMeans>
  <cac:TaxTotal><cbc:TaxAmount currencyID="CHF">999.99</cbc:TaxAmount></cac:TaxTotal>
  <cac:TaxTotal><cbc:TaxAmount currencyID="EUR">150.00</cbc:TaxAmount><cac:TaxSubtotal><cbc:TaxableAmount currencyID="EUR">1000.00</cbc:TaxableAmount><cbc:TaxAmount currencyID="EUR">150.00</cbc:TaxAmount><cac:TaxCategory><cbc:Percent>15</cbc:Percent></cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal>
  <cac:LegalMonetaryTotal><cbc:TaxExclusiveAmount currencyID="EUR">1000.00</cbc:TaxExclusiveAmount><cbc:TaxInclusiveAmount currencyID="EUR">1150.00</cbc:TaxInclusiveAmount><cbc:PayableAmount currencyID="EUR">12.00</cbc:PayableAmount></cac:LegalMonetaryTotal>
  <cac:${root}Line><cbc:${root === "Invoice" ? "Invoiced" : "Credited"}Quantity>10</cbc:${root === "Invoice" ? "Invoiced" : "Credited"}Quantity><cbc:LineExtensionAmount currencyID="EUR">1000.00</cbc:LineExtensionAmount><cac:Item><cbc:Name>Zinc sheet</cbc:Name></cac:Item><cac:Price><cbc:PriceAmount currencyID="EUR">100.00</cbc:PriceAmount></cac:Price></cac:${root}Line>
</ubl:${root}>`
