import type { Language } from "./Language.ts"

export const nl: Language = {
  code: "nl",
  countries: [
    {
      code: "NL", currency: "EUR", rates: ["21", "21", "9"], legalForms: ["B.V.", "BV", "V.O.F.", ""], cities: ["Utrecht", "Zwolle", "Eindhoven", "'s-Hertogenbosch"],
      streets: ["Dorpsstraat", "Kerklaan", "Havenkade", "Molenweg"], houseNumberFirst: false, postcode: "#### XK", amounts: ["1.234,56", "1.234,56", "1234,56"], dates: ["dd-mm-yyyy", "dd-mm-yyyy", "d month yyyy", "dd/mm/yyyy"]
    },
    {
      code: "BE", currency: "EUR", rates: ["21", "6"], legalForms: ["BV", "NV", "BVBA", ""], cities: ["Gent", "Brugge", "Leuven", "Hasselt"], streets: ["Steenweg", "Stationsstraat", "Kouterlaan"],
      houseNumberFirst: false, postcode: "####", amounts: ["1.234,56"], dates: ["dd/mm/yyyy", "dd-mm-yyyy"]
    }
  ],
  invoice: ["FACTUUR", "Factuur", "Verkoopfactuur"],
  creditNote: ["Creditnota", "CREDITFACTUUR"],
  number: ["Factuurnummer", "Factuurnr.", "Factuur nr.", "Nummer"],
  creditNumber: ["Creditnota nr.", "Creditnummer"],
  date: ["Datum", "Factuurdatum", "Datum factuur"],
  due: ["Vervaldatum", "Vervaldag", "Te betalen voor", "Uiterste betaaldatum"],
  customerNumber: ["Klantnummer", "Debiteurnr.", "Klantnr."],
  orderNumber: ["Ordernummer", "Uw referentie", "Bestelnummer"],
  quoteNumber: ["Offertenummer", "Offerte"],
  deliveryDate: ["Leverdatum", "Leveringsdatum", "Uitgevoerd op"],
  billTo: ["Factuuradres", "Klant", "Aan"],
  from: ["Leverancier", "Van"],
  site: ["Project", "Betreft", "Werf"],
  phone: ["Tel.", "Telefoon"],
  companyNumber: (digits) => `KvK ${digits.slice(0, 8)}`,
  vatNumber: ["BTW-nummer", "BTW nr.", "BTW-id"],
  columns: {
    position: ["Nr.", "Pos."], description: ["Omschrijving", "Beschrijving", "Artikel"], quantity: ["Aantal", "Hoeveelheid"], unit: ["Eenheid", "Eenh."], unitPrice: ["Prijs", "Eenheidsprijs", "Stukprijs"],
    rate: ["BTW", "BTW %"], amount: ["Bedrag", "Totaal", "Totaal excl."]
  },
  units: ["uur", "st.", "m²", "m", "dag"],
  ht: ["Subtotaal", "Totaal excl. BTW", "Bedrag excl. BTW", "Netto bedrag", "Maatstaf van heffing"],
  vatAt: ["BTW {}", "{} BTW", "BTW hoog {}"],
  vatTotal: ["Totaal BTW", "BTW", "BTW-bedrag"],
  ttc: ["Totaal incl. BTW", "Totaal", "Totaalbedrag", "Factuurbedrag", "Totaal te betalen"],
  base: ["Grondslag", "Excl. BTW", "Netto"], rate: ["Tarief", "BTW %"], tax: ["BTW", "BTW-bedrag"],
  deposit: ["Reeds betaald", "Aanbetaling", "Voorschot"],
  toPay: ["Nog te betalen", "Te voldoen", "Openstaand bedrag"],
  carriedOver: ["Transport"], broughtForward: ["Transport"],
  page: ["Pagina {1} van {2}", "Blad {1}/{2}"],
  reverseCharge: ["BTW verlegd"],
  exempt: ["Vrijgesteld van BTW (kleineondernemersregeling)"],
  terms: ["Betaling binnen 30 dagen", "Gelieve bij betaling het factuurnummer te vermelden", "Te betalen binnen 14 dagen na factuurdatum"],
  footnotes: ["Op al onze leveringen zijn onze algemene voorwaarden van toepassing.", "Bij te late betaling wordt € 40,00 in rekening gebracht.", "Dank voor uw opdracht."],
  goods: ["Stucwerk woonkamer", "Arbeidsloon", "Voorrijkosten", "Tegels 60x60", "Huur steiger per week", "Buis koper 22 mm", "Verf wit 10 l", "Groepenkast vervangen", "Afvoer puin", "Hout C24 45x145", "Isolatieplaat 100 mm"],
  trades: ["Schilderwerken", "Bouwbedrijf", "Installaties", "Dakwerken", "Elektro", "Tegels", "Verhuur", "Timmerbedrijf"],
  surnames: ["De Smet", "Jansen", "Van den Berg", "Visser", "Peeters", "Bakker", "De Groot", "Hendriks", "Noorderlicht"],
  patterns: ["{trade} {name}", "{name} {trade}", "{name} & Zonen", "{name} & {name2}"],
  months: ["januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"],
  receipt: {
    title: ["KASSABON", "BON", ""], date: ["Datum", ""], subtotal: ["Subtotaal", "Excl. BTW"], total: ["TOTAAL", "Totaal", "TE BETALEN"], cash: ["CONTANT", "Ontvangen"], card: ["PIN", "BANCONTACT"],
    change: ["Wisselgeld", "TERUG"], tax: ["BTW {}", "{} BTW"], goods: ["SCHROEVEN 5X60", "KIT WIT", "HANDSCHOENEN 9", "BATTERIJ AA", "KOFFIE", "DIESEL", "VERFROLLER"], thanks: ["Bedankt en tot ziens"]
  }
}
