import type { NastyDocument } from "./nastyDocuments.ts"

/** Ordinary papers from many countries and trades, of our own making. */
export const variedDocuments: ReadonlyArray<NastyDocument> = [
  {
    name: "a German invoice with a block of data on the right",
    text: `
Müller Elektrotechnik GmbH
Werkstraße 7 · 80331 München

Herrn
Peter Schmidt                               Rechnungsnummer:     RE-2024-00312
Gartenweg 3                                 Rechnungsdatum:      14.02.2024
81245 München                               Kundennummer:        10045
                                            Lieferdatum:         10.02.2024

Rechnung

Pos   Bezeichnung                Menge    Einzelpreis      Gesamtpreis
1     Steckdosen setzen          4        45,00 €          180,00 €
2     Kabel NYM 3x1,5            50       1,20 €            60,00 €

Zwischensumme netto                                        240,00 €
zzgl. 19% MwSt.                                             45,60 €
Gesamtbetrag                                               285,60 €

Zahlbar bis 28.02.2024 ohne Abzug.
Müller Elektrotechnik GmbH   Sparkasse München   IBAN DE89370400440532013000   USt-IdNr. DE136695976
`,
    says: { supplierName: "Müller Elektrotechnik GmbH", invoiceNumber: "RE-2024-00312", invoiceDate: "2024-02-14", dueDate: "2024-02-28", amountHT: "240.00", amountTVA: "45.60", amountTTC: "285.60", iban: "DE89370400440532013000" }
  },
  {
    name: "a British invoice",
    text: `
Bright & Sons Ltd
Unit 4, Park Lane, Leeds LS1 4AB
VAT Reg No: GB 123 4567 82

INVOICE

Invoice To:                       Invoice No:    10234
Harper Homes                      Date:          3rd May 2024
22 High Street                    Your Ref:      PO-8871
York YO1 7HT                      Due Date:      2nd June 2024

Description               Qty     Unit Price     Net Amount     VAT
Roof tiles                100     2.50           250.00         20%
Labour                    8       35.00          280.00         20%

                                  Net total      £530.00
                                  VAT @ 20%      £106.00
                                  Gross total    £636.00
`,
    says: { supplierName: "Bright & Sons Ltd", invoiceNumber: "10234", invoiceDate: "2024-05-03", dueDate: "2024-06-02", amountHT: "530.00", amountTVA: "106.00", amountTTC: "636.00", currency: "GBP" }
  },
  {
    name: "discounts, carriage, capital and penalties beside the totals",
    text: `
NÉGOCE MATÉRIAUX SA
Siège social : 3 avenue de la Gare - 67000 Strasbourg
R.C.S. Strasbourg B 732 829 320 - N° TVA FR 44 732 829 320

FACTURE N° 1 245 887                           Strasbourg, le 04/11/2023
                                               Votre compte client : 411880
                                               SARL BATI PLUS
                                               19 rue du Rhin
                                               68000 COLMAR

Réf       Désignation           Qté     PU HT     Remise     Montant HT
A120      Parpaing 20           120      1,35       5,00 %     153,90
B330      Ciment 35kg            20      9,80                  196,00

Total brut HT                  349,90
Frais de port HT                25,00
Total net HT                   374,90
TVA 20,00% sur 374,90           74,98
Total TTC                      449,88 EUR
Escompte 2% si paiement sous 8 jours : 9,00
A régler avant le 30/11/2023
Capital social 150 000,00 €
Indemnité forfaitaire de recouvrement : 40,00 €
`,
    says: { supplierName: "NÉGOCE MATÉRIAUX SA", invoiceNumber: "1 245 887", invoiceDate: "2023-11-04", dueDate: "2023-11-30", amountHT: "374.90", amountTVA: "74.98", amountTTC: "449.88", supplierSiren: "732829320" }
  },
  {
    name: "an invoice for a deposit, which mentions the whole sum",
    text: `
Cuisines Lambert SARL
FACTURE D'ACOMPTE N° FAC-0098
En date du 12/06/2024
Acompte de 30 % sur devis n° DE-55 d'un montant de 10 000,00 € HT
Montant HT de l'acompte     3 000,00 €
TVA 10,00 %                   300,00 €
Montant TTC de l'acompte    3 300,00 €
`,
    says: { invoiceNumber: "FAC-0098", invoiceDate: "2024-06-12", amountHT: "3000.00", amountTVA: "300.00", amountTTC: "3300.00" }
  },
  {
    name: "a telephone bill whose customer number is longer than its own",
    text: `
Télécom Alpin SA                          Facture du 02 juillet 2024
TSA 10001 - 75015 Paris Cedex               n° de facture : 0612345678 24G1
                                            n° de client : 9 123 456

Montant à payer                              35,99 € TTC
Date limite de paiement : 20 juillet 2024
Abonnement                29,99
Options                    6,00
Montant total HT          29,99 €
TVA 20,00%                 6,00 €
Montant total TTC         35,99 €
`,
    says: { invoiceDate: "2024-07-02", dueDate: "2024-07-20", amountHT: "29.99", amountTVA: "6.00", amountTTC: "35.99" }
  },
  {
    name: "an American bill whose total is due on a date",
    text: `
Cloud Services, Inc.
Email or talk to us about your Cloud account or bill
Invoice Summary
Account number: 1234567890
Bill to Address:
ATTN: Jane
1 Main St
Invoice Number: 42183017
Invoice Date: August 3, 2014
TOTAL AMOUNT DUE ON August 3, 2014      $4.11
This invoice is for the billing period July 1 - July 31, 2014
Summary
Cloud Service Charges       $4.11
Charges                   $4.11
Credits                   $0.00
Tax                       $0.00
Total for this invoice    $4.11
`,
    says: { invoiceNumber: "42183017", invoiceDate: "2014-08-03", amountTTC: "4.11", currency: "USD" }
  },
  {
    name: "a German invoice whose sums do not quite add up",
    text: `
Gutnetz AG - Uferweg 40-42 - 63571 Gelnhausen
Testkunde GmbH
Zeppelinstr. 1
12345 Berlin                                Rechnung Nr.     30064443
                                            Kundennr.        110432
                                            Datum            08.06.2014
                                            Seite            1

Pos.    Beschreibung            Menge     Preis      Betrag EUR
1       Small Business Server   1         29,18      29,18

                                Total EUR ohne MwSt.      29,18
                                19% MwSt.                  5,54
                                Total EUR inkl. MwSt.     34,73
`,
    says: { invoiceNumber: "30064443", invoiceDate: "2014-06-08", amountTTC: "34.73", amountHT: "29.18" }
  },
  {
    name: "a Belgian invoice in Dutch",
    text: `
BVBA De Smet Schilderwerken
Kerkstraat 15 9000 Gent
BTW BE 0202.239.951
FACTUUR 2023/145
Datum: 05-12-2023      Vervaldag: 04-01-2024
Klant: Janssens NV
Maatstaf van heffing     1.000,00
BTW 6%                      60,00
Totaal te betalen        1.060,00 EUR
BTW BE 0202239951   IBAN BE68 5390 0754 7034
`,
    says: { invoiceNumber: "2023/145", invoiceDate: "2023-12-05", dueDate: "2024-01-04", amountTTC: "1060.00", amountTVA: "60.00", amountHT: "1000.00", iban: "BE68539007547034" }
  },
  {
    name: "a hotel bill that prints gross sums only, and the VAT in a table",
    text: `
Hotel zur Post e.K.
Marktplatz 1, 94032 Passau
Rechnung
Rechnungsnr.: 2024-1188       Datum: 22.08.2024
Anreise 20.08.2024   Abreise 22.08.2024
2 Übernachtungen       150,00
Frühstück               30,00
Summe brutto           180,00 EUR
MwSt   Netto     Steuer    Brutto
7%     140,19    9,81      150,00
19%     25,21    4,79       30,00
Bezahlt mit EC-Karte  180,00
`,
    says: { invoiceNumber: "2024-1188", invoiceDate: "2024-08-22", amountTTC: "180.00", amountHT: "165.40", amountTVA: "14.60" }
  },
  {
    name: "two taxes of Quebec",
    text: `
Rénovations Tremblay inc.
Facture no 5512
Date : 2024-03-18
Sous-total      1 000,00 $
TPS 5 %            50,00 $
TVQ 9,975 %        99,75 $
Total           1 149,75 $ CAD
`,
    says: { invoiceNumber: "5512", invoiceDate: "2024-03-18", amountHT: "1000.00", amountTVA: "149.75", amountTTC: "1149.75", currency: "CAD" }
  },
  {
    name: "a balance carried over from before",
    text: `
City Power Company
Statement / Invoice 778812
Invoice date: 05/06/2024
Previous balance    120.00
Current charges net    80.00
VAT 5%    4.00
Total current charges    84.00
Amount due    GBP 204.00
`,
    says: { invoiceNumber: "778812", invoiceDate: "2024-06-05" }
  }
]
