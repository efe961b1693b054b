import type { NastyDocument } from "./nastyDocuments.ts"

/** Invoices as they are laid out where English is written, of our own making. */
export const englishDocuments: ReadonlyArray<NastyDocument> = [
  {
    name: "an online service that puts both addresses side by side and the sum on top",
    text: `
Invoice

Invoice number    9F2C1A7B-0007
Date of issue     June 3, 2024
Date due          June 17, 2024

Cloudnest Software                 Bill to
548 Market Street                  Atelier Martin SARL
San Francisco, California 94104    12 rue Haute
United States                      67000 Strasbourg
billing@cloudnest.example          France

€144.00 due June 17, 2024

Description                        Qty    Unit price    Tax    Amount
Team plan                          6      €20.00        20%    €120.00
Jun 3 – Jul 3, 2024

Subtotal                                                       €120.00
Total excluding tax                                            €120.00
VAT - France (20% on €120.00)                                   €24.00
Total                                                          €144.00
Amount due                                                     €144.00
`,
    says: { supplierName: "Cloudnest Software", invoiceNumber: "9F2C1A7B-0007", invoiceDate: "2024-06-03", dueDate: "2024-06-17", currency: "EUR", amountHT: "120.00", amountTVA: "24.00", amountTTC: "144.00" }
  },
  {
    name: "an Australian tax invoice with the tax included",
    text: `
TAX INVOICE
Harbour Plumbing Pty Ltd
ABN 51 824 753 556
12 Wharf Rd, Newcastle NSW 2300

Invoice To: Coastal Strata Services          Invoice #: INV-2207
88 Hunter St                                 Invoice Date: 14/08/2024
Newcastle NSW 2300                           Due Date: 28/08/2024
                                             Job No: 55120

Replace hot water unit                       $1,650.00
Call-out                                       $110.00

Subtotal (ex GST)                            $1,600.00
GST (10%)                                      $160.00
Total (inc GST)                        AUD   $1,760.00
Less: Amount Paid                              $500.00
Amount Due                                   $1,260.00
`,
    says: { supplierName: "Harbour Plumbing Pty Ltd", invoiceNumber: "INV-2207", invoiceDate: "2024-08-14", dueDate: "2024-08-28", currency: "AUD", amountHT: "1600.00", amountTVA: "160.00", amountTTC: "1760.00" }
  },
  {
    name: "an English trade invoice with an analysis of the tax",
    text: `
Pennine Timber Merchants                              INVOICE
Canal Wharf, Halifax HX1 2AB                          Page 1
VAT Registration No. GB 980 7806 84

Deliver To:              Invoice To:                  Account     HAR014
Plot 7, Moor Lane        Harrison Builders Ltd        Invoice No  0098812
Bradford                 Unit 3, Mill Road            Tax Point   23/05/2024
                         Halifax HX3 5AB              Order No    PO4471

Code     Description              Quantity    Price     Goods     VAT
CLS38    CLS timber 38x89         120         3.45      414.00    S
PLY18    Plywood 18mm              15        32.10      481.50    S
BOOK     Span tables                1        12.00       12.00    Z

VAT Code   Rate     Goods      VAT          Goods Total     907.50
S          20.00    895.50     179.10       VAT Total       179.10
Z           0.00     12.00       0.00       Invoice Total £1,086.60
Settlement terms: 30 days from invoice date. Registered in England No. 1234567
`,
    says: { supplierName: "Pennine Timber Merchants", invoiceNumber: "0098812", invoiceDate: "2024-05-23", currency: "GBP", amountHT: "907.50", amountTVA: "179.10", amountTTC: "1086.60" }
  },
  {
    name: "an American contractor's invoice with retainage and a balance",
    text: `
SUMMIT ROOFING, LLC                                        INVOICE
2100 Ridge Ave                                             DATE: 07/19/2024
Boulder, CO 80302                                          INVOICE # 1188
Phone (303) 555-0142                                       TERMS: Net 30

BILL TO                       SHIP TO
Front Range Schools           Lincoln Elementary
400 Main St                   77 Oak St
Denver, CO 80202              Denver, CO 80205

QTY     DESCRIPTION                     UNIT PRICE     LINE TOTAL
1       Tear-off and disposal             4,200.00       4,200.00
24      Squares, architectural              310.00       7,440.00

                                        SUBTOTAL        11,640.00
                                        SALES TAX            0.00
                                        TOTAL          $11,640.00
                                        LESS RETAINAGE   1,164.00
                                        BALANCE DUE    $10,476.00
Make all checks payable to Summit Roofing, LLC
`,
    says: { supplierName: "SUMMIT ROOFING, LLC", invoiceNumber: "1188", invoiceDate: "2024-07-19", currency: "USD", amountTTC: "11640.00" }
  },
  {
    name: "an Irish credit note in brackets",
    text: `
Liffey Hardware Limited
14 Dock Street, Dublin 1
VAT No. IE6388047V

CREDIT NOTE
Credit Note No: CN-3310
Date: 11 April 2024
Original invoice: SI-20881 dated 2 April 2024
Customer: Quay Joinery Ltd, Cork

Returned hinges            (40)      2.50      (100.00)
Net                                            (100.00)
VAT @ 23%                                       (23.00)
Total credit            EUR                    (123.00)
`,
    says: { documentType: "credit-note", supplierName: "Liffey Hardware Limited", invoiceNumber: "CN-3310", invoiceDate: "2024-04-11", currency: "EUR", amountHT: "-100.00", amountTVA: "-23.00", amountTTC: "-123.00" }
  },
  {
    name: "a bill whose number looks like a date, beside an order that looks like a phone",
    text: `
Orchard Signs Ltd
3 Park Row, Bristol BS1 5LJ
VAT reg GB 980 7806 84

Invoice no. 2024-06-11
Invoice date: 14 June 2024
Your order: 01179 460018
Customer: Wells & Co

Shop fascia                                    £740.00
Net £740.00     VAT 20% £148.00     Total £888.00
Payment due by 14 July 2024
`,
    says: { supplierName: "Orchard Signs Ltd", invoiceNumber: "2024-06-11", invoiceDate: "2024-06-14", dueDate: "2024-07-14", amountHT: "740.00", amountTVA: "148.00", amountTTC: "888.00" }
  },
  {
    name: "a quotation, which is no invoice",
    text: `
Lakeside Kitchens
QUOTATION
Quote No: Q-1180
Date: 2 February 2024
Valid until 2 March 2024
Kitchen units supplied and fitted         £6,000.00
VAT 20%                                   £1,200.00
Total                                     £7,200.00
`,
    says: { documentType: "quote", supplierName: "Lakeside Kitchens", amountTTC: "7200.00" }
  }
]
