import { Array } from "effect"
import { editDistance } from "./text.ts"

/** Words of labels (folded) that recognition may have blurred. Short ones are left out: too much resembles them. */
const words = [
  "total", "totaal", "totale", "subtotal", "sous-total", "summe", "gesamt", "gesamtbetrag", "nettobetrag", "bruttobetrag", "zahlbetrag",
  "rechnungsbetrag", "endbetrag", "montant", "amount", "betrag", "bedrag", "importe", "importo", "netto", "brutto", "umsatzsteuer", "mehrwertsteuer",
  "steuer", "taxes", "payer", "payable", "inclusive", "exclusive", "inclusief", "exclusief", "including", "excluding", "rounding",
  "rounded", "adjustment", "change", "discount", "payment", "balance", "sales", "facture", "invoice", "rechnung", "factuur", "factura", "fattura",
  "rechnungsnummer", "rechnungsdatum", "factuurnummer", "factuurdatum", "echeance", "datum", "number", "numero", "receipt",
  "credit", "avoir", "gutschrift", "devis", "angebot", "livraison", "commande", "client", "kunde", "kundennummer", "customer", "reglement",
  "tender", "received", "cashier", "summary", "quantity", "charge", "charges", "nettosumme", "bruttosumme", "grand", "final"
]
const exact = new Set(words)
const byLength: Readonly<Record<string, ReadonlyArray<string>>> = Array.groupBy(words, (word) => String(word.length))

/** The label word that a blurred word most likely was (one letter off, two in long words), or the word itself. */
export const correct = (word: string): string => {
  const bare = word.replace(/^[^a-z]+|[^a-z0-9]+$/g, "")
  if (bare.length < 5 || exact.has(bare) || /^\d+$/.test(bare)) return word
  const limit = bare.length >= 9 ? 2 : 1
  for (let length = bare.length - limit; length <= bare.length + limit; length++) {
    for (const known of byLength[length] ?? []) {
      if (editDistance(bare, known, limit) <= limit) return word.replace(bare, known)
    }
  }
  return word
}
