/**
 * What the words beside an amount say it is, in French, English, German, Dutch, Spanish and Italian.
 * All patterns run on folded text: lower case, without accents.
 */
export type AmountKind =
  | "ht"
  | "tva"
  | "ttc"
  /** A total that does not say whether VAT is in it. */
  | "total"
  /** What is left to pay: after deposits and retentions it differs from the total. */
  | "due"
  /** Sum of the lines before charges, discounts or VAT. */
  | "subtotal"
  /** What a VAT rate is applied to. */
  | "base"
  /** Paid already, deposits, retentions: lowers what is due, never the total. */
  | "paid"
  | "tendered"
  | "change"
  | "rounding"
  /** Quantities, prices, discounts, capital, penalties: nothing of the totals. */
  | "other"

export interface AmountLabel {
  readonly kind: AmountKind
  /** 1 weak (a bare word such as "amount") to 3 (says in full what it is). */
  readonly strength: number
}

const including =
  /\bt\.? ?t\.? ?c\b|\bink[li1]\b|\binc[li1]|\binc\b\.?|inclus|brutto|\bgross|tva comprise|toutes taxes|iva inclu|con iva|iva compresa|ivato|lordo|with (vat|tax)|mit (ust|mwst)/
const excluding =
  /\bh\.? ?t\b\.?|hors[- ]tax|hors[- ]tva|htva|netto(?!preis|gewicht)|\bnet (total|amount|value|sum|sales)|(total|amount|montant) net\b(?! a )|\bexc|\bexkl|exclu|exkl|ohne (ust|mwst|steuer|umsatz|mehrwert)|sin iva|senza iva|imponibile|base imponible|before (tax|vat|gst)|untaxed|sans tva|\bex\.? ?(vat|tax|gst|btw|iva|tva|mwst|ust)\b|net de tax|warenwert/
const tax =
  /\btva\b|t\.v\.a|\btaxes?\b|\btax\b|\bvat\b|\bt\.?p\.?s\b|\bt\.?v\.?q\b|\b[cis]?gst\b|\bqst\b|\bpst\b|\bhst\b|\bsst\b|mwst|\bust\b|u\.?st\.|umsatzsteuer|mehrwertsteuer|steuerbetrag|steuer\b|\bbtw\b|\biva\b|\bi\.v\.a|imposta|impuesto/
const total = /\btotal|totaa?l|\btotale\b|summe|gesamt|\bttl\b|endbetrag|rechnungsbetrag|rechnungssumme|factuurbedrag|a facturer/
const amount = /montant|\bamount|\bamt\b|betrag|bedrag|importe|importo|\bsum\b|\bsales\b/
const due =
  /net a (payer|regler|verser)|(reste|solde|somme|montant|total)( du| net| ttc)* a (payer|regler|verser)|\ba (payer|regler)\b|\bdue\b|\bpayable\b|to pay\b|to be paid|zahlbetrag|zu zahlen|zahlbar|zu uberweisen|uberweisungsbetrag|offener betrag|te betalen|te voldoen|openstaand|a pagar|da pagare|netto a pagare|solde\b|\bbalance\b|restant|restbetrag|saldo|prelevement|a deduire/
const subtotal = /sous[- ]?total|sub[- ]?total|subtotaal|zwischensumme|tussentotaal|subtotale|positionssumme|summe der positionen|total (des )?(lignes|prestations|articles|produits|fournitures|main d'oeuvre)|(totaal|total|totale|summe|gesamt) (der )?(artikelen|goederen|regels|positionen|artikel|merce|items|goods|parts|labour|lines|materiali?|arbeid)|(goods|items|lines) (value|total)|\bbrut (h\.? ?t\b|hors)/
const base = /\bbase\b|basis|grondslag|bemessung|\btaxable|assiette|basisbetrag/
const paid =
  /acompte|deja (regle|paye|verse|facture)|\bverse\b|regle le|avance|arrhes|anzahlung|abschlag(szahlung|srechnung)|erhalten|bezahlt|betaald|voorschot|aanbetaling|vooruit|anticipo|acconto|deposit|prepaid|\bpaid\b|already|received|payments?\b|retenue|garantie|einbehalt|sicherheits|pagado|pagato|situation precedente|cumul/
const settled = /deja|verse|recu|regle|paye|percu|erhalten|bezahlt|betaald|paid|received|pagado|pagato|deduire|retenue/
const tendered = /\bcash\b|\btender|especes|\bbar\b|gegeben|contant|efectivo|contanti|\bvisa\b|master ?card|\bcb\b|carte (bancaire|bleue)|\bcard\b|paid amount|cash received|amount received|accepted/
const change = /\bchange\b|rendu|ruckgeld|wisselgeld|\bcambio\b|\bresto\b|a rendre|monnaie/
const rounding = /round(ing|g)? ?adj|\brounding|arrondi|rundung|afronding|redondeo|arrotondamento|\brnd\b|adjustment/
const rounded = /rounded|after round|gerundet/
const other =
  /\bqty|quantit|\bitems?\b|articles? :|\bpoints?\b|menge\b|aantal|stuck|capital|rabais|remise|ristourne|discount|rabatt|nachlass|abschlage|zuschlage|korting|descuento|sconto|skonto|escompte|penalit|indemnit|recouvrement|\bfrais\b|\bport\b|shipping|postage|carriage|delivery charge|gastos de|\bportes\b|\bspese di\b|trasporto|transport|vracht|versand|verzend|fracht|livraison|service charge|serv\.? ?(charge|chg)|srv chg|unit price|prix unit|p\.? ?u\b|einzelpreis|nettopreis|stuckpreis|eenheidsprijs|precio|prezzo|\bprix\b|\bprice\b|\brate\b|\btaux\b|\bsatz\b|poids|weight|gewicht|\bkg\b|\bkm\b|saving|economi|\breport(er)?\b|ubertrag|carried|brought forward|suma (y sigue|anterior)|riport|overgebracht|te transporteren|page total|total page|telephone|\btel\b|\bfax\b|litre|heures?\b|stunden|\bhours\b|reward|member|deposit no|bank\b|account|kto/
const strongTotal = /grand total|total general|total (de la )?facture|total facture|montant total|total amount|invoice total|gesamtbetrag|gesamtsumme|rechnungsbetrag|rechnungssumme|endbetrag|endsumme|factuur totaal|totaalbedrag|factuurbedrag|totale (fattura|documento|generale)|importe total|total (factura|general)|final total|nett? total|total a facturer/

/** Letters that may say something: "T.V.A." is a word, too. */
export const hasWord = /[a-z]{2}|[a-z]\.[a-z]\b/

/** Longer texts before an amount are prose. */
const longestLabel = 200

/** What the words before an amount (or its column's heading) say; null where they say nothing of the kind. */
export const labelOf = (folded: string): AmountLabel | null => {
  const text = folded.slice(-longestLabel).replace(/\s+/g, " ").trim()
  if (!hasWord.test(text)) return null
  if (rounding.test(text) && !rounded.test(text) && !/total (incl|after|with)/.test(text)) return { kind: "rounding", strength: 2 }
  if (change.test(text)) return { kind: "change", strength: 2 }
  // "VAT payable" is a VAT.
  const isTaxAlone = tax.test(text) && !total.test(text) && !amount.test(text) && !including.test(text)
  if (due.test(text) && !isTaxAlone) return { kind: "due", strength: total.test(text) || including.test(text) ? 3 : 2 }
  // "Amount of the deposit with VAT" is what a deposit invoice asks for, unless it says that it was paid.
  const isOwnDeposit = amount.test(text) && (including.test(text) || excluding.test(text)) && !settled.test(text)
  if (paid.test(text) && !isOwnDeposit) return { kind: tendered.test(text) ? "tendered" : "paid", strength: 2 }
  if (tendered.test(text) && !total.test(text)) return { kind: "tendered", strength: 2 }
  const isTotal = total.test(text)
  const isAmount = isTotal || amount.test(text)
  if (other.test(text) && !(isTotal && (including.test(text) || excluding.test(text)))) return { kind: "other", strength: 2 }
  if (subtotal.test(text)) return { kind: "subtotal", strength: excluding.test(text) ? 3 : 2 }
  const isTax = tax.test(text)
  if (base.test(text) && !including.test(text) && !excluding.test(text)) return { kind: "base", strength: 2 }
  // "of which VAT", "plus VAT": a tax although the words for with and without stand beside it.
  if (isTax && /(dont|davon|darin|waarvan|di cui|of which|plus|zzgl|zuzugl|zuzuglich|enthalten\w*|included) /.test(text) && !isTotal) return { kind: "tva", strength: 2 }
  if (including.test(text)) return { kind: "ttc", strength: isTotal ? 3 : 2 }
  if (excluding.test(text)) return { kind: "ht", strength: isTotal ? 3 : 2 }
  if (isTax) return { kind: "tva", strength: isAmount ? 3 : 2 }
  if (rounded.test(text)) return { kind: "total", strength: 3 }
  if (strongTotal.test(text)) return { kind: "total", strength: 3 }
  if (isTotal) return { kind: "total", strength: 2 }
  return isAmount ? { kind: "total", strength: 1 } : null
}
