import type { NastyDocument } from "./nastyDocuments.ts"

/** Other countries, currencies and languages, of our own making. */
export const foreignDocuments: ReadonlyArray<NastyDocument> = [
  {
    name: "Swiss rounding to the last coin",
    text: `
Sanitär Keller AG
Bahnhofstrasse 5
8001 Zürich
CHE-123.456.788 MWST

Rechnung Nr. 4711
Rechnungsdatum 05.03.2025

Zwischensumme        99.00 CHF
MWST 8.1 %            8.02 CHF
Rundung               -0.02 CHF
Total inkl. MWST     107.00 CHF
`,
    says: { invoiceNumber: "4711", invoiceDate: "2025-03-05", currency: "CHF", amountTTC: "107.00" }
  },
  {
    name: "dollars with the month first",
    text: `
Blue Ridge Supplies LLC
100 Main Street, Austin, TX 78701
INVOICE #INV-00312
Invoice Date: 03/25/2024
Due Date: 04/24/2024
Bill To: Acme Corp
Subtotal    $1,000.00
Sales Tax (8.25%)    $82.50
Total    $1,082.50
`,
    says: { invoiceNumber: "INV-00312", invoiceDate: "2024-03-25", dueDate: "2024-04-24", currency: "USD", amountHT: "1000.00", amountTVA: "82.50", amountTTC: "1082.50" }
  },
  {
    name: "a Dutch invoice that is paid",
    text: `
Van Dijk Bouwmaterialen B.V.
Hoofdstraat 12
3512 AB Utrecht
BTW-nummer NL820471616B01

Factuurnummer: 2024.0093
Factuurdatum: 8 mei 2024
Vervaldatum: 22 mei 2024

Subtotaal exclusief BTW    € 1.250,00
BTW 21%                    €   262,50
Totaal inclusief BTW       € 1.512,50
Reeds betaald              € 1.512,50
Te betalen                 €     0,00
`,
    says: { supplierName: "Van Dijk Bouwmaterialen B.V.", invoiceNumber: "2024.0093", invoiceDate: "2024-05-08", dueDate: "2024-05-22", amountHT: "1250.00", amountTVA: "262.50", amountTTC: "1512.50", supplierVatNumber: "NL820471616B01" }
  },
  {
    name: "a Spanish invoice",
    text: `
Construcciones Vega S.L.
Calle Mayor 3
28013 Madrid
Factura nº: A/2024/118
Fecha de factura: 17/07/2024
Base imponible    2.000,00 €
IVA 21%             420,00 €
Total factura     2.420,00 €
`,
    says: { supplierName: "Construcciones Vega S.L.", invoiceNumber: "A/2024/118", invoiceDate: "2024-07-17", amountHT: "2000.00", amountTVA: "420.00", amountTTC: "2420.00" }
  },
  {
    name: "an Italian invoice",
    text: `
Edilizia Rossi S.r.l.
Via Roma 10
20121 Milano
Fattura n. 57/A
Data: 9 settembre 2024
Scadenza: 09/10/2024
Imponibile    1.000,00 €
IVA 22%         220,00 €
Totale documento 1.220,00 €
`,
    says: { supplierName: "Edilizia Rossi S.r.l.", invoiceNumber: "57/A", invoiceDate: "2024-09-09", dueDate: "2024-10-09", amountHT: "1000.00", amountTVA: "220.00", amountTTC: "1220.00" }
  },
  {
    name: "a foreign currency with its euro equivalent",
    text: `
Nordic Tools Ltd
Invoice No. NT-5501
Invoice date 14 February 2024
Net amount    GBP 800.00
VAT 20%       GBP 160.00
Total due     GBP 960.00
Equivalent in EUR at 1.1700: 1,123.20
`,
    says: { invoiceNumber: "NT-5501", invoiceDate: "2024-02-14", currency: "GBP", amountHT: "800.00", amountTVA: "160.00", amountTTC: "960.00" }
  }
]
