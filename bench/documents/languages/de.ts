import type { Language } from "./Language.ts"

export const de: Language = {
  code: "de",
  countries: [
    {
      code: "DE", currency: "EUR", rates: ["19", "19", "7"], legalForms: ["GmbH", "GmbH", "GmbH & Co. KG", "KG", "e.K.", "AG", "", "UG"],
      cities: ["Kehl", "Freiburg", "Köln", "Würzburg", "Leipzig", "Bremen", "Kassel", "Mönchengladbach"],
      streets: ["Hafenstraße", "Am Steinbruch", "Bahnhofstr.", "Lindenweg", "Industriestraße", "Marktplatz"], houseNumberFirst: false, postcode: "#####",
      amounts: ["1.234,56", "1.234,56", "1.234,56", "1234,56"], dates: ["dd.mm.yyyy", "dd.mm.yyyy", "d. month yyyy", "yyyy-mm-dd"]
    },
    {
      code: "AT", currency: "EUR", rates: ["20", "10"], legalForms: ["GmbH", "KG", "e.U.", ""], cities: ["Linz", "Graz", "Salzburg"], streets: ["Landstraße", "Mühlgasse", "Ringweg"],
      houseNumberFirst: false, postcode: "####", amounts: ["1.234,56", "1 234,56"], dates: ["dd.mm.yyyy", "d. month yyyy"]
    },
    {
      code: "CH", currency: "CHF", rates: ["8.1", "2.6"], legalForms: ["AG", "GmbH", ""], cities: ["Zürich", "Bern", "Winterthur"], streets: ["Seestrasse", "Dorfstrasse", "Kirchweg"],
      houseNumberFirst: false, postcode: "####", amounts: ["1'234.56"], dates: ["dd.mm.yyyy"]
    }
  ],
  invoice: ["Rechnung", "RECHNUNG", "Rechnung / Lieferschein", "Schlussrechnung", "Handwerkerrechnung"],
  creditNote: ["Gutschrift", "Rechnungskorrektur", "Stornorechnung"],
  number: ["Rechnungsnummer", "Rechnung Nr.", "Rechnungs-Nr.", "Rechnung-Nr.", "Re.-Nr.", "Rechnungsnr.", "Belegnummer"],
  creditNumber: ["Gutschrift Nr.", "Gutschriftsnummer", "Belegnummer"],
  date: ["Datum", "Rechnungsdatum", "Belegdatum", "Ausgestellt am"],
  due: ["Fällig am", "Zahlbar bis", "Fälligkeitsdatum", "Zahlungsziel", "Bitte zahlen Sie bis"],
  customerNumber: ["Kundennummer", "Kunden-Nr.", "Kd.-Nr.", "Debitor"],
  orderNumber: ["Ihre Bestellung", "Bestellnummer", "Auftrag Nr.", "Auftragsnummer"],
  quoteNumber: ["Angebot Nr.", "Angebotsnummer"],
  deliveryDate: ["Lieferdatum", "Leistungsdatum", "Leistungszeitraum", "Ausgeführt am"],
  billTo: ["Rechnungsempfänger", "Rechnungsadresse", "Kunde", "An"],
  from: ["Absender", "Lieferant", "Aussteller"],
  site: ["Bauvorhaben", "Betreff", "Projekt", "Baustelle"],
  phone: ["Tel.", "Telefon", "Fon"],
  companyNumber: (digits) => `Amtsgericht, HRB ${digits.slice(0, 5)}`,
  vatNumber: ["USt-IdNr.", "USt-ID", "Umsatzsteuer-ID", "UID"],
  columns: {
    position: ["Pos.", "Pos", "Nr."], description: ["Bezeichnung", "Beschreibung", "Leistung", "Artikel"], quantity: ["Menge", "Anzahl"], unit: ["Einheit", "ME", "Einh."],
    unitPrice: ["Einzelpreis", "E-Preis", "Preis/Einheit", "EP"], rate: ["USt", "MwSt.", "Steuer"], amount: ["Gesamtpreis", "Betrag", "Gesamt", "GP", "Summe"]
  },
  units: ["m²", "Std.", "Stk.", "m", "pausch.", "Tag", "kg"],
  ht: ["Nettobetrag", "Summe netto", "Zwischensumme netto", "Gesamt netto", "Netto", "Warenwert netto", "Rechnungsbetrag netto"],
  vatAt: ["zzgl. {} MwSt.", "{} MwSt.", "USt. {}", "MwSt. {}", "Umsatzsteuer {}", "zzgl. {} USt."],
  vatTotal: ["Summe MwSt.", "Mehrwertsteuer", "Umsatzsteuer", "USt. gesamt"],
  ttc: ["Gesamtbetrag", "Rechnungsbetrag", "Bruttobetrag", "Gesamtsumme brutto", "Endbetrag", "Summe brutto", "Rechnungssumme"],
  base: ["Netto", "Nettobetrag", "Bemessungsgrundlage"], rate: ["Satz", "MwSt.-Satz", "USt %"], tax: ["Steuer", "MwSt.", "USt-Betrag"],
  deposit: ["abzgl. Anzahlung", "Anzahlung", "Bereits bezahlt", "Abschlag"],
  toPay: ["Zahlbetrag", "Restbetrag", "Zu zahlen", "Noch zu zahlender Betrag", "Offener Betrag"],
  carriedOver: ["Übertrag", "Zwischensumme"], broughtForward: ["Übertrag", "Übertrag von Seite 1"],
  page: ["Seite {1} von {2}", "Seite {1}/{2}", "Blatt {1}"],
  reverseCharge: ["Steuerschuldnerschaft des Leistungsempfängers gemäß § 13b UStG"],
  exempt: ["Gemäß § 19 UStG wird keine Umsatzsteuer berechnet."],
  terms: ["Zahlbar sofort ohne Abzug", "Zahlbar innerhalb von 14 Tagen ohne Abzug", "Bei Zahlung innerhalb von 10 Tagen 2 % Skonto", "Bitte geben Sie bei der Überweisung die Rechnungsnummer an."],
  footnotes: ["Die gelieferte Ware bleibt bis zur vollständigen Bezahlung unser Eigentum.", "Geschäftsführer: Karl Beispiel", "Gerichtsstand ist der Sitz der Firma.", "Stammkapital 25.000,00 EUR", "Wir danken für Ihren Auftrag."],
  goods: ["Steckdosen setzen", "Kabel NYM-J 3x1,5", "Fliesen verlegen 30x60", "Gerüst stellen", "Anfahrt", "Facharbeiterstunde", "Zement 25 kg", "Dämmplatte 140 mm", "Malerarbeiten Treppenhaus", "Entsorgung Bauschutt", "Fenster 120x135 einbauen", "Miete Minibagger", "Silikon weiß", "Heizkörper montieren", "Rohrisolierung"],
  trades: ["Elektrotechnik", "Malerbetrieb", "Bauunternehmen", "Sanitär", "Fliesen", "Dachdeckerei", "Schreinerei", "Baustoffe", "Maschinenverleih", "Metallbau", "Autohaus"],
  surnames: ["Müller", "Schäfer", "Weiß", "Hofmann", "Krüger", "Vogel", "Brandt", "Oberrhein", "Nordlicht", "Seidel", "Böhm", "Franke"],
  patterns: ["{trade} {name}", "{name} {trade}", "{name} & {name2} {trade}", "{name} & Söhne", "{initials} {trade}", "{name}"],
  months: ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"],
  receipt: {
    title: ["Quittung", "KASSENBON", "Rechnung", ""], date: ["Datum", "Datum:", ""], subtotal: ["Zwischensumme", "Netto"], total: ["SUMME", "Gesamt", "SUMME EUR", "Zu zahlen"],
    cash: ["BAR", "Gegeben"], card: ["EC-Karte", "Girocard", "VISA"], change: ["Rückgeld", "ZURÜCK"], tax: ["MwSt {}", "{} MwSt."],
    goods: ["SCHRAUBEN 5X60", "SILIKON WEISS", "HANDSCHUHE GR 9", "BATTERIE AA", "KAFFEE", "DIESEL", "FARBROLLE", "WASSER 1,5L"], thanks: ["Vielen Dank für Ihren Einkauf", "Auf Wiedersehen"]
  }
}
