import type { NastyDocument } from "./nastyDocuments.ts"

/** Invoices as they are laid out in the Netherlands, Spain and Italy, of our own making. */
export const southernDocuments: ReadonlyArray<NastyDocument> = [
  {
    name: "a Dutch invoice with the letterhead on the right",
    text: `
                                                  Loodgieter Bakker
                                                  Kanaalweg 71
                                                  1814 HC Alkmaar
                                                  KvK 37123456
Familie Jansen                                    BTW NL123456782B90
Dorpsstraat 5                                     IBAN NL91 ABNA 0417 1643 00
1861 KT Bergen

FACTUUR

Factuurnr.       2024-0133
Datum            19-07-2024
Vervaldatum      02-08-2024
Klantnr.         1055

Omschrijving                     Aantal    Prijs      Bedrag
Cv-ketel onderhoud               1         95,00      95,00
Vervangen expansievat            1         140,00     140,00

Totaal excl. btw                                      235,00
Btw 21%                                               49,35
Te betalen                                         € 284,35
`,
    says: { supplierName: "Loodgieter Bakker", invoiceNumber: "2024-0133", invoiceDate: "2024-07-19", dueDate: "2024-08-02", amountHT: "235.00", amountTVA: "49.35", amountTTC: "284.35", iban: "NL91ABNA0417164300" }
  },
  {
    name: "a Dutch invoice with the tax shifted to the buyer",
    text: `
Stucadoorsbedrijf Smit B.V.
Fabrieksweg 8, 5612 AB Eindhoven

Aan:
Bouwgroep Kempen B.V.
t.a.v. crediteurenadministratie
Postbus 220
5600 AA Eindhoven

Factuurnummer: 24700213
Factuurdatum: 3 september 2024
Uw referentie: P-1180 / week 34

Stucwerk wanden    320 m2    18,50    5.920,00

Totaal                                5.920,00
BTW verlegd naar NL820471616B01
Te voldoen binnen 30 dagen         €  5.920,00
`,
    says: { supplierName: "Stucadoorsbedrijf Smit B.V.", invoiceNumber: "24700213", invoiceDate: "2024-09-03", amountHT: "5920.00", amountTVA: "0.00", amountTTC: "5920.00" }
  },
  {
    name: "a Dutch offer, which is no invoice",
    text: `
Hoveniersbedrijf De Linde
OFFERTE 2024-055
Datum: 12-03-2024
Geldig tot: 12-04-2024
Tuinaanleg totaal excl. btw   4.000,00
BTW 21%                         840,00
Totaal incl. btw              4.840,00
`,
    says: { documentType: "quote", amountTTC: "4840.00" }
  },
  {
    name: "a Spanish invoice with income tax kept back",
    text: `
Reformas Ibáñez e Hijos
C/ Olmo 14, 28012 Madrid
NIF: B12345674

FACTURA
Número: F24-0087
Fecha: 05/06/2024
Vencimiento: 05/07/2024

Cliente:
Comunidad de Propietarios Sol 3
C/ Sol 3, 28013 Madrid
CIF H28765431

Concepto                       Cantidad    Precio      Importe
Pintura de portal              1           1.200,00    1.200,00
Reparación de goteras          1             300,00      300,00

Base imponible                                         1.500,00 €
IVA 10 %                                                 150,00 €
Total factura                                          1.650,00 €
`,
    says: { supplierName: "Reformas Ibáñez e Hijos", invoiceNumber: "F24-0087", invoiceDate: "2024-06-05", dueDate: "2024-07-05", amountHT: "1500.00", amountTVA: "150.00", amountTTC: "1650.00" }
  },
  {
    name: "a Spanish invoice with two rates in a table of taxes",
    text: `
SUMINISTROS LA ENCINA, S.A.
Polígono Las Eras, nave 7 - 47009 Valladolid
CIF A58818501

Factura nº 24/001187          Fecha factura 30/04/2024
Cliente nº 004455             Forma de pago: Transferencia 30 días

CONSTRUCCIONES DUERO SL
Avda. Segovia 100
47013 Valladolid

Ref.     Descripción            Uds    Precio     Importe
1001     Azulejo blanco         200      1,15      230,00
2002     Agua mineral            50      0,40       20,00

Base        % IVA    Cuota IVA
230,00      21       48,30
20,00       10        2,00
Total bases 250,00   Total IVA 50,30   TOTAL A PAGAR 300,30 €
`,
    says: { supplierName: "SUMINISTROS LA ENCINA, S.A.", invoiceNumber: "24/001187", invoiceDate: "2024-04-30", amountHT: "250.00", amountTVA: "50.30", amountTTC: "300.30" }
  },
  {
    name: "a Spanish estimate, which is no invoice",
    text: `
Carpintería Robles
PRESUPUESTO Nº P-2024-19
Fecha: 08/01/2024
Puertas lacadas   6   250,00   1.500,00
Base imponible 1.500,00
IVA 21 % 315,00
Total 1.815,00 €
`,
    says: { documentType: "quote", amountTTC: "1815.00" }
  },
  {
    name: "an Italian invoice with the split of tax and a stamp",
    text: `
IDRAULICA FERRARI S.N.C. di Ferrari Luca e C.
Via Garibaldi 22 - 41121 Modena (MO)
P.IVA IT00743110157 - C.F. 00743110157

FATTURA N. 112 del 15/05/2024

Spett.le
CONDOMINIO AURORA
Via Emilia 300
41122 Modena MO

Descrizione                        Q.tà     Prezzo     Importo
Sostituzione caldaia centralizzata 1        6.200,00   6.200,00
Manodopera                         20          35,00     700,00

Totale imponibile                                      6.900,00
IVA 10%                                                  690,00
TOTALE FATTURA                                       € 7.590,00
Scadenza 14/06/2024 - Bonifico IBAN IT60X0542811101000000123456
`,
    says: { supplierName: "IDRAULICA FERRARI S.N.C. di Ferrari Luca e C.", invoiceNumber: "112", invoiceDate: "2024-05-15", dueDate: "2024-06-14", amountHT: "6900.00", amountTVA: "690.00", amountTTC: "7590.00", iban: "IT60X0542811101000000123456", supplierVatNumber: "IT00743110157" }
  },
  {
    name: "an Italian invoice under headings",
    text: `
Falegnameria Bianchi Srl
Corso Italia 5 20122 Milano
Partita IVA 00743110157

Numero documento     Data documento     Codice cliente     Pagamento
2024/000431          31/07/2024         C0098              RB 60 GG

Destinatario
Hotel Lago S.p.A.
Lungolago 1
22100 Como

Descrizione                 Qtà      Prezzo un.     Totale
Armadi su misura            4        1.250,00       5.000,00

Imponibile      Aliquota     Imposta       Totale documento
5.000,00        22%          1.100,00      6.100,00 EUR
`,
    says: { supplierName: "Falegnameria Bianchi Srl", invoiceNumber: "2024/000431", invoiceDate: "2024-07-31", amountHT: "5000.00", amountTVA: "1100.00", amountTTC: "6100.00" }
  },
  {
    name: "an Italian estimate, which is no invoice",
    text: `
Serramenti Conti
PREVENTIVO N. 45 del 02/02/2024
Finestre PVC   5   420,00   2.100,00
Imponibile 2.100,00
IVA 10% 210,00
Totale 2.310,00 €
`,
    says: { documentType: "quote", amountTTC: "2310.00" }
  }
]
