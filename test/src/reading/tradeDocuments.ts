import type { NastyDocument } from "./nastyDocuments.ts"

/** Papers as shops, hotels, programs and building firms print them, of our own making. */
export const tradeDocuments: ReadonlyArray<NastyDocument> = [
  {
    name: "a handwritten-like invoice with a deposit received",
    text: `
SARL DUPONT FRERES
Menuiserie générale
Facture : F24/0071
Client : M. MARTIN
Paris le 3 janvier 2025
Total H.T. : 1 840,00
T.V.A. 10% : 184,00
Total T.T.C. : 2 024,00
Acompte reçu : 600,00
Reste dû : 1 424,00
`,
    says: { supplierName: "SARL DUPONT FRERES", invoiceNumber: "F24/0071", invoiceDate: "2025-01-03", amountHT: "1840.00", amountTVA: "184.00", amountTTC: "2024.00" }
  },
  {
    name: "shipping between the tax and the total",
    text: `
ACME OFFICE SUPPLY INC
Invoice
Number   Date         Customer
A-9911   02/28/2024   4471
SUBTOTAL    $89.97
TAX          $7.42
SHIPPING     $5.00
TOTAL      $102.39
`,
    says: { invoiceNumber: "A-9911", invoiceDate: "2024-02-28", amountTTC: "102.39" }
  },
  {
    name: "a ticket that says of which VAT",
    text: `
Librairie du Centre
Ticket n° 4471
12/12/2024 10:15
Livre            22,00
Cahier            4,50
Total à payer    26,50 EUR
dont TVA 5,5%     1,15
dont TVA 20%      0,75
CB               26,50
`,
    says: { invoiceDate: "2024-12-12", amountTTC: "26.50" }
  },
  {
    name: "dates under their headings",
    text: `
YourCompany Inc.
250 Executive Park Blvd, Suite 3400
San Francisco CA 94134
                                   Blue Interior
                                   4557 De Silva St
                                   Fremont CA 94538
Invoice INV/2023/03/0008
Invoice Date:        Due Date:         Source:
03/20/2023           04/30/2023        S00018
Description         Quantity    Unit Price    Taxes       Amount
Office Chair        4.00        69.96         Tax 15.00%  $ 279.84
                                Untaxed Amount            $ 279.84
                                Tax 15%                   $ 41.98
                                Total                     $ 321.82
`,
    says: { supplierName: "YourCompany Inc.", invoiceNumber: "INV/2023/03/0008", invoiceDate: "2023-03-20", dueDate: "2023-04-30", amountHT: "279.84", amountTVA: "41.98", amountTTC: "321.82" }
  },
  {
    name: "a Dutch invoice with two columns of data",
    text: `
Blauwhuis B.V.
Weena 664 3012 CN Rotterdam
Factuur
Factuurnummer      1234567890          Klantnummer    987654
Factuurdatum       28 april 2014       Ordernummer    44556677
Artikel                         Aantal     Prijs        Totaal
Laptophoes                      1          € 24,79      € 24,79
Subtotaal excl. BTW                                     € 24,79
21% BTW                                                 €  5,21
Totaal                                                  € 30,00
`,
    says: { supplierName: "Blauwhuis B.V.", invoiceNumber: "1234567890", invoiceDate: "2014-04-28", amountHT: "24.79", amountTVA: "5.21", amountTTC: "30.00" }
  },
  {
    name: "the addresses of seller and buyer side by side",
    text: `
FACTURE                                              Page 1/1

Émetteur                              Adressé à
SARL Les Artisans du Nord             Mairie de Lille
12 rue du Port                        Place Augustin Laurent
59000 Lille                           59000 Lille
Tél : 03 20 00 00 00

Réf. : FA2405-0012
Date facturation : 21/05/2024
Date échéance : 20/06/2024

Montants exprimés en Euros
Désignation               TVA     P.U. HT     Qté     Total HT
Réfection mur             10%     1 200,00    2       2 400,00
                          Total HT            2 400,00
                          Total TVA 10%         240,00
                          Total TTC           2 640,00
SIRET: 732 829 320 00074 - NAF-APE: 4334Z - Num. TVA: FR44732829320
`,
    says: { supplierName: "SARL Les Artisans du Nord", invoiceDate: "2024-05-21", dueDate: "2024-06-20", amountHT: "2400.00", amountTVA: "240.00", amountTTC: "2640.00", currency: "EUR", invoiceNumber: "FA2405-0012" }
  },
  {
    name: "a situation with sums of the whole contract",
    text: `
ENTREPRISE GÉNÉRALE DURIEUX SAS
Situation n° 4 - Facture n° S4-0221
Chantier : École Pasteur      Date : 31/05/2024
                               Montant marché HT           100 000,00
                               Cumul travaux HT             60 000,00
                               Situations précédentes HT    45 000,00
                               Montant HT de la situation   15 000,00
                               TVA 20,00 %                   3 000,00
                               Montant TTC                  18 000,00
                               Retenue de garantie 5%          900,00
                               Net à payer TTC              17 100,00 €
`,
    says: { invoiceNumber: "S4-0221", invoiceDate: "2024-05-31", amountHT: "15000.00", amountTVA: "3000.00", amountTTC: "18000.00" }
  },
  {
    name: "a total, what is paid and what is open",
    text: `
Test company, 1 Main Rd, 12345 Town
Invoice Number:  2017-0042
Customer Number: 7
Date: 12 January 2017
Net total: 1,000.00 EUR
VAT 7%: 70.00 EUR
Grand total: 1,070.00 EUR
Already paid: 500.00 EUR
Open amount: 570.00 EUR
`,
    says: { invoiceNumber: "2017-0042", invoiceDate: "2017-01-12", amountHT: "1000.00", amountTVA: "70.00", amountTTC: "1070.00" }
  },
  {
    name: "all sums on one line, the date after a place",
    text: `
ÉTABLISSEMENTS MARTIN
Quincaillerie - Outillage
Lyon, le 14/02/2024
Facture 24-0218
Doit : M. Bernard
Net HT : 83,33 €    TVA 20% : 16,67 €    Total TTC : 100,00 €
Règlement à réception
`,
    says: { invoiceNumber: "24-0218", invoiceDate: "2024-02-14", amountHT: "83.33", amountTVA: "16.67", amountTTC: "100.00" }
  },
  {
    name: "a ticket of a filling station",
    text: `
STATION DES ALPES
RELAIS DU LAC
TVA FR44732829320
LE 07/03/24 A 18:22
POMPE 3   GAZOLE
VOLUME 41,20 L   PRIX 1,789 EUR/L
TOTAL EUR 73,71
TVA 20,00%   12,29
HT           61,42
CB           73,71
`,
    says: { invoiceDate: "2024-03-07", amountTTC: "73.71", amountTVA: "12.29", amountHT: "61.42" }
  },
  {
    name: "an order number before the invoice number",
    text: `
Muster Handels GmbH & Co. KG
Rechnung
Auftragsnummer: 889911
Kunden-Nr.: 10002
Rechnungs-Nr.: 700123      Rechnungs-Datum: 01.07.2022
Lieferschein-Nr.: 5566     vom 28.06.2022
Warenwert netto 84,03   MwSt 19% 15,97   Rechnungsbetrag 100,00 EUR
`,
    says: { supplierName: "Muster Handels GmbH & Co. KG", invoiceNumber: "700123", invoiceDate: "2022-07-01", amountHT: "84.03", amountTVA: "15.97", amountTTC: "100.00" }
  }
]
