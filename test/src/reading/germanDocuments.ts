import type { NastyDocument } from "./nastyDocuments.ts"

/** Invoices as they are laid out in Germany, Austria and Switzerland, of our own making. */
export const germanDocuments: ReadonlyArray<NastyDocument> = [
  {
    name: "a sender's line over the address window, the letterhead in the footer",
    text: `
Schreinerei Huber · Waldweg 5 · 83022 Rosenheim

Hausverwaltung Sonnenschein GmbH
Frau Sabine Kern
Lindenallee 44
83024 Rosenheim

Rosenheim, den 14. Mai 2024

Rechnung Nr. 2024/118

Sehr geehrte Frau Kern,
für die Arbeiten im Objekt Lindenallee 44 erlauben wir uns zu berechnen:

Pos   Leistung                         Menge   Einheit   E-Preis     G-Preis
1     Zimmertüren liefern, einbauen    6       Stk       412,50      2.475,00
2     Drückergarnituren                6       Stk        38,00        228,00

                                              Summe netto           2.703,00
                                              19 % Umsatzsteuer       513,57
                                              Rechnungsbetrag       3.216,57 €

Bitte zahlen Sie bis zum 28.05.2024 ohne Abzug.

Schreinerei Huber         Tel. 08031 99887         Sparkasse Rosenheim
Inhaber: Josef Huber      info@schreinerei-huber.example   IBAN DE89 3704 0044 0532 0130 00
Waldweg 5                 USt-IdNr. DE136695976    BIC COBADEFFXXX
`,
    says: { supplierName: "Schreinerei Huber", invoiceNumber: "2024/118", invoiceDate: "2024-05-14", dueDate: "2024-05-28", amountHT: "2703.00", amountTVA: "513.57", amountTTC: "3216.57", currency: "EUR", iban: "DE89370400440532013000", supplierVatNumber: "DE136695976" }
  },
  {
    name: "a last bill from which earlier ones are taken",
    text: `
Dachdeckerei Brandt GmbH & Co. KG
Hafenstraße 12, 24103 Kiel

Bauherrengemeinschaft Möwenweg
c/o Verwaltung Petersen
Möwenweg 3
24159 Kiel

Schlussrechnung Nr. SR-24-0077                     Kiel, 30.09.2024
Projekt: Dachsanierung Möwenweg 3                  Auftrag: A-23-551 vom 11.12.2023
Leistungszeitraum: 04.03.2024 - 20.09.2024

Gesamtleistung netto                                         48.000,00 €
zzgl. 19 % MwSt.                                              9.120,00 €
Gesamtsumme brutto                                           57.120,00 €

abzüglich 1. Abschlagsrechnung AR-24-0012 vom 30.04.2024     20.000,00 €
abzüglich 2. Abschlagsrechnung AR-24-0031 vom 30.06.2024     25.000,00 €
Restforderung                                                12.120,00 €

Zahlbar innerhalb von 14 Tagen nach Erhalt.
Steuernummer 20/295/12345   HRA 5512 Kiel
`,
    says: { supplierName: "Dachdeckerei Brandt GmbH & Co. KG", invoiceNumber: "SR-24-0077", invoiceDate: "2024-09-30", amountHT: "48000.00", amountTVA: "9120.00", amountTTC: "57120.00" }
  },
  {
    name: "the buyer owes the tax",
    text: `
Estrichbau Yilmaz
Industriering 8a
45141 Essen
                                                  Rechnungs-Nr.     R 1207
                                                  Datum             02.08.2024
Bauunternehmung Krämer GmbH                       Kunden-Nr.        20033
Zechenstr. 90                                     Bauvorhaben       Kita Nord
45326 Essen                                       Seite             1 von 1

RECHNUNG

Zementestrich CT-C25-F4, 65 mm      410,00 m²     21,50      8.815,00
Randdämmstreifen                    180,00 m       1,20        216,00

Rechnungsbetrag                                              9.031,00 EUR

Steuerschuldnerschaft des Leistungsempfängers nach § 13b UStG.
USt-IdNr.: DE136695976   Freistellungsbescheinigung liegt vor bis 31.12.2025
`,
    says: { supplierName: "Estrichbau Yilmaz", invoiceNumber: "R 1207", invoiceDate: "2024-08-02", amountHT: "9031.00", amountTVA: "0.00", amountTTC: "9031.00" }
  },
  {
    name: "a small trader who charges no tax",
    text: `
Anna Lorenz | Grafik & Satz
Marienstr. 7 | 04109 Leipzig | anna@lorenz-grafik.example

Verein Stadtgarten e.V.
Ringstraße 1
04105 Leipzig

Rechnung
Rechnungsnummer: 24-09
Rechnungsdatum: 3. Juni 2024
Leistungsdatum: Mai 2024

Gestaltung Flyer                 8 Std.    60,00 €      480,00 €
Druckabwicklung pauschal                                 45,00 €
Gesamtbetrag                                            525,00 €

Gemäß § 19 UStG wird keine Umsatzsteuer berechnet.
Zahlbar bis 17. Juni 2024 auf DE89 3704 0044 0532 0130 00.
`,
    says: { supplierName: "Anna Lorenz", invoiceNumber: "24-09", invoiceDate: "2024-06-03", dueDate: "2024-06-17", amountHT: "525.00", amountTVA: "0.00", amountTTC: "525.00" }
  },
  {
    name: "a credit note printed positive, which names the invoice that it mends",
    text: `
Werkzeug Kontor AG
Am Güterbahnhof 3 - 70372 Stuttgart

Metallbau Fischer
Neckarstr. 120
70190 Stuttgart

Gutschrift
Gutschriftsnummer        GU-50012
Gutschriftsdatum         21.03.2024
zu Rechnung              RE-48877 vom 01.03.2024
Kundennummer             100432

Rücknahme Akkuschrauber        2      149,00        298,00

Nettobetrag                                         298,00 €
MwSt 19,00 %                                         56,62 €
Gutschriftsbetrag                                   354,62 €
`,
    says: { documentType: "credit-note", supplierName: "Werkzeug Kontor AG", invoiceNumber: "GU-50012", invoiceDate: "2024-03-21", amountHT: "298.00", amountTVA: "56.62", amountTTC: "354.62" }
  },
  {
    name: "a yearly bill of a utility, with what was paid in advance",
    text: `
Stadtwerke Talheim GmbH                              Kundennummer      7711 204 553
Postfach 1209, 74384 Talheim                         Vertragskonto     200 118 442
                                                     Rechnungsnummer   JV-2024-118842
Herrn                                                Rechnungsdatum    17.01.2025
Uwe Sommer                                           Zählernummer      1EMH0012345678
Talweg 2
74384 Talheim

Ihre Stromrechnung vom 01.01.2024 bis 31.12.2024

Verbrauch 3.120 kWh
Arbeitspreis                                 842,40 €
Grundpreis                                   131,60 €
Nettobetrag                                  974,00 €
Umsatzsteuer 19 %                            185,06 €
Rechnungsbetrag brutto                     1.159,06 €
geleistete Abschläge                       1.080,00 €
Nachzahlung                                   79,06 €
Der Betrag wird am 03.02.2025 von Ihrem Konto abgebucht.
Ihr neuer monatlicher Abschlag ab 01.02.2025: 97,00 €
`,
    says: { supplierName: "Stadtwerke Talheim GmbH", invoiceNumber: "JV-2024-118842", invoiceDate: "2025-01-17", amountHT: "974.00", amountTVA: "185.06", amountTTC: "1159.06" }
  },
  {
    name: "a premium with the tax of insurances, which is no VAT rate of goods",
    text: `
Nordlicht Versicherung a.G.
Deichstraße 9
20459 Hamburg

Frau
Ilse Behrens
Parkweg 12
22587 Hamburg

Beitragsrechnung
Versicherungsnummer     40-887.551-3
Rechnungsnummer         B-2024-887551
Datum                   05.11.2024

Haftpflichtversicherung, 01.01.2025 - 31.12.2025
Nettobeitrag                      120,00 EUR
Versicherungsteuer 19 %            22,80 EUR
Zu zahlender Beitrag              142,80 EUR
Fällig am 01.01.2025
`,
    says: { supplierName: "Nordlicht Versicherung a.G.", invoiceNumber: "B-2024-887551", invoiceDate: "2024-11-05", dueDate: "2025-01-01", amountTTC: "142.80" }
  },
  {
    name: "several pages with sums carried over",
    text: `
Elektro Maier e.K., Bergstr. 4, 87435 Kempten

Firma
Alpenblick Hotel KG
Panoramaweg 1
87561 Oberstdorf

Rechnung 240391                                      10.07.2024
Kunde 5512     Auftrag 24-1120     Monteur Kunz

Pos  Bezeichnung                      Menge     EP          GP
001  Leuchte LED Flur                 20        64,90       1.298,00
002  Bewegungsmelder                  12        31,50         378,00
003  Verteilung umbauen                1       920,00         920,00
                                      Übertrag              2.596,00
                                                          Seite 1
                                      Übertrag              2.596,00
004  Leitungen NYM-J 5x2,5           150         2,90         435,00
005  Arbeitszeit Geselle              38        58,00       2.204,00
006  Fahrtkosten                       4        25,00         100,00
                                      Zwischensumme         5.335,00
                                      Rabatt 3,00 %           160,05-
                                      Nettosumme            5.174,95
                                      19,00 % MwSt.           983,24
                                      Endsumme              6.158,19 EUR
Skonto 2 % bei Zahlung bis 20.07.2024: 6.035,03 EUR
`,
    says: { supplierName: "Elektro Maier e.K.", invoiceNumber: "240391", invoiceDate: "2024-07-10", amountHT: "5174.95", amountTVA: "983.24", amountTTC: "6158.19" }
  },
  {
    name: "an Austrian invoice",
    text: `
Tischlerei Gruber Ges.m.b.H.
Mühlgasse 14, 4840 Vöcklabruck
UID: ATU13585627   FN 123456a   LG Wels

Fa. Moser Installationen
Hauptplatz 3
4840 Vöcklabruck

Rechnung Nr: 24/0415                  Rechnungsdatum: 09.04.2024
Lieferschein: 24/0398 vom 02.04.2024  Fällig am: 23.04.2024

Küchenblock Eiche           1     7.450,00     7.450,00
Montage                    12        68,00       816,00

Summe exkl. USt                                8.266,00
20 % USt                                       1.653,20
Gesamtbetrag inkl. USt EUR                     9.919,20
`,
    says: { supplierName: "Tischlerei Gruber Ges.m.b.H.", invoiceNumber: "24/0415", invoiceDate: "2024-04-09", dueDate: "2024-04-23", amountHT: "8266.00", amountTVA: "1653.20", amountTTC: "9919.20", supplierVatNumber: "ATU13585627" }
  },
  {
    name: "a Swiss invoice with apostrophes and two rates",
    text: `
Bäckerei Imhof AG                                   Bern, 12. März 2024
Kramgasse 20, 3011 Bern
CHE-116.281.710 MWST

Restaurant Rathaus
Rathausplatz 1
3011 Bern

Rechnung 88123
Kunden-Nr. 4409
Zahlbar bis 11. April 2024

Backwaren März              2.6 %      1'240.00
Schulung Personal           8.1 %        600.00

Total exkl. MWST                       1'840.00
MWST 2.6 % auf 1'240.00                   32.24
MWST 8.1 % auf 600.00                     48.60
Rundungsdifferenz                          0.01
Total CHF inkl. MWST                   1'920.85
`,
    says: { supplierName: "Bäckerei Imhof AG", invoiceNumber: "88123", invoiceDate: "2024-03-12", dueDate: "2024-04-11", currency: "CHF", amountHT: "1840.00", amountTTC: "1920.85" }
  },
  {
    name: "treatment without tax",
    text: `
Praxis für Physiotherapie Keller
Rosenweg 9 · 97070 Würzburg · Tel. 0931/55443

Herrn Paul Winter
Am Hang 2
97072 Würzburg

Rechnung Nr. P-2024-331 vom 18.06.2024

Datum         Leistung                       Betrag
03.06.2024    Krankengymnastik               28,50 EUR
10.06.2024    Krankengymnastik               28,50 EUR
17.06.2024    Krankengymnastik               28,50 EUR
Summe                                        85,50 EUR

Die Leistungen sind nach § 4 Nr. 14 UStG umsatzsteuerfrei.
Bitte überweisen Sie bis 02.07.2024.
`,
    says: { supplierName: "Praxis für Physiotherapie Keller", invoiceNumber: "P-2024-331", invoiceDate: "2024-06-18", dueDate: "2024-07-02", amountHT: "85.50", amountTVA: "0.00", amountTTC: "85.50" }
  },
  {
    name: "headings in a row over the data of the invoice",
    text: `
KOLBE Baustoffhandel GmbH
Ziegeleistraße 55
06112 Halle (Saale)

Bauhof Saalekreis
Merseburger Str. 18
06217 Merseburg

RECHNUNG
Rechnungs-Nr.   Rechnungsdatum   Kunden-Nr.   Lieferdatum   Bestell-Nr.   Seite
4711203         22.10.2024       30887        18.10.2024    450012        1

Art.Nr.   Bezeichnung          Menge    Einzelpreis   Gesamtpreis
10023     Pflasterstein grau   480 Stk         0,89        427,20
10077     Splitt 2-5 mm          3 t          38,00        114,00

Warenwert   Fracht   Netto     MwSt-%   MwSt-Betrag   Rechnungsbetrag
541,20      65,00    606,20    19,00    115,18        721,38 EUR
`,
    says: { supplierName: "KOLBE Baustoffhandel GmbH", invoiceNumber: "4711203", invoiceDate: "2024-10-22", amountHT: "606.20", amountTVA: "115.18", amountTTC: "721.38" }
  },
  {
    name: "sums as a program prints the structured invoice, in two currencies",
    text: `
Handelsrechnung Nr. 2024-55003 vom 12.11.2024
Rechnungswährung        : GBP
Liefer- und Leistungsdatum : 08.11.2024
Bestellung              : PO-99122
Verkäufer:
Nummer      : 700112
Rheintal Maschinen GmbH
Uferstr. 40
DE 56068 Koblenz
USt.-Id.-Nr. : DE136695976
Käufer/Leistungsempfänger:
Nummer      : 55102
Thames Valley Tools Ltd.
4 Kings Road
GB RG1 3AA Reading
Steueraufschlüsselung:
Art (Kategorie)   Warenwert   Zu-/Abschlag   Basisbetrag   USt. %   Steuerbetrag
Umsatzsteuer (S)  1000,00     -50,00         950,00        19       180,50
Belegsummen:
                          Positionssumme                1000,00
                          Gesamtbetrag der Zuschläge       0,00
                          Gesamtbetrag der Abschläge     -50,00
                          Rechnungssumme ohne USt.       950,00
                          Steuerbetrag in     GBP        180,50
                          Steuerbetrag in     EUR        215,84
                          Bruttosumme                   1130,50
                          Erhaltene Anzahlungen         -130,50
                          Zahlbetrag                    1000,00
`,
    says: { supplierName: "Rheintal Maschinen GmbH", invoiceNumber: "2024-55003", invoiceDate: "2024-11-12", currency: "GBP", amountHT: "950.00", amountTVA: "180.50", amountTTC: "1130.50", supplierVatNumber: "DE136695976" }
  },
  {
    name: "a partial bill whose deposit is asked for",
    text: `
Fensterbau Albers GmbH
Gewerbepark 3
26789 Leer

Eheleute Onken
Deichweg 17
26721 Emden

Abschlagsrechnung Nr. 3 / 2024-0088            Leer, den 15.08.2024

gemäß Auftrag Nr. 24-330 vom 02.05.2024 (Auftragssumme 38.000,00 € netto)
erlauben wir uns eine Abschlagszahlung von

Netto                                   10.000,00 €
Mehrwertsteuer 19 %                      1.900,00 €
Brutto                                  11.900,00 €

anzufordern. Zahlungsziel: 29.08.2024
`,
    says: { documentType: "invoice", supplierName: "Fensterbau Albers GmbH", invoiceDate: "2024-08-15", dueDate: "2024-08-29", amountHT: "10000.00", amountTVA: "1900.00", amountTTC: "11900.00" }
  },
  {
    name: "an offer, which is no invoice",
    text: `
Malerbetrieb Stein
Gartenstr. 3, 35037 Marburg

Angebot Nr. AN-2024-071
Datum: 06.02.2024
Gültig bis: 06.03.2024
Kundennummer: 889

Fassade streichen      120 m²     24,00      2.880,00
Summe netto                                  2.880,00 €
zzgl. 19 % MwSt.                               547,20 €
Angebotssumme                                3.427,20 €
Wir freuen uns auf Ihren Auftrag. Nach Ausführung erhalten Sie eine Rechnung.
`,
    says: { documentType: "quote", supplierName: "Malerbetrieb Stein", amountHT: "2880.00", amountTVA: "547.20" }
  }
]
