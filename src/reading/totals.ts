import { abs, Ballot, distinct, type Field, sum, type Totals } from "./ballot.ts"
import { creditTitle } from "./fieldLabels.ts"
import type { LabelledAmount } from "./labelledAmounts.ts"
import type { LineAmount } from "./lineAmounts.ts"
import { confirmations, correctMisread, demoteParts, isRoundedPair, readDollarSigns, voteForSettlement } from "./settlement.ts"
import { isRateOf, rateOf, type VatRow } from "./vatTable.ts"

/** VAT that is not charged, and why, in the six languages: franchise, reverse charge, exports. */
const exemption =
  /tva non applicable|net de tax|293 ?b\b|autoliquidation|auto-liquidation|reverse charge|exonere|exoneration|steuerfrei|umsatzsteuerbefreit|kleinunternehmer|19 (abs\. 1 )?ustg|steuerschuldnerschaft|vrijgesteld|btw verlegd|verlegd|inversion del sujeto|exent[oa]|intracommunautaire|intra-?community|innergemeinschaftlich|intracomunit|art(icle|\\.)? ?262|inversione contabile|reverse-charge|esente|senza applicazione|forfettari|not vat registered|no vat\b|keine umsatzsteuer|geen btw|vat exempt|zero[- ]rated|hors champ/

const weights = {
  line: { ht: { ht: 3 }, tva: { tva: 3 }, ttc: { ttc: 3 }, total: { ttc: 2.4, ht: 0.4 }, due: { ttc: 2 }, subtotal: { ht: 1.5, ttc: 0.4 }, base: { ht: 1.3 } },
  heading: { ht: { ht: 1.2 }, tva: { tva: 1.2 }, ttc: { ttc: 1.2 }, total: { ttc: 0.5, ht: 0.3 }, due: { ttc: 0.6 }, subtotal: { ht: 0.5 }, base: { ht: 0.8 } }
} as const satisfies Record<"line" | "heading", Partial<Record<string, Partial<Record<Field, number>>>>>

const isWeighed = (kind: string): kind is keyof typeof weights.line => kind in weights.line

const voteForLabels = (ballot: Ballot, labelled: ReadonlyArray<LabelledAmount>): void => {
  for (const { amount, from, label } of labelled) {
    if (!isWeighed(label.kind)) continue
    // Whole numbers are quantities and years more often than sums.
    const believed = amount.decimals === 2 ? 1 : amount.hasCurrency ? 0.8 : label.strength === 3 ? 0.4 : 0
    if (believed === 0) continue
    for (const [field, weight] of Object.entries(weights[from][label.kind])) {
      if (field !== "ht" && field !== "tva" && field !== "ttc") continue
      const positive = field === "tva" || amount.cents !== 0n ? 1 : 0.3
      ballot.vote(field, amount.cents, weight * label.strength * believed * positive)
    }
  }
}

const voteForRows = (ballot: Ballot, rows: ReadonlyArray<VatRow>): void => {
  const rated = distinct(rows.filter((row) => row.rate !== null), (row) => `${row.rate}:${row.base}`)
  for (const row of distinct(rows, (row) => `${row.base}:${row.tax}`)) {
    ballot.vote("ht", row.base, 1.5)
    ballot.vote("tva", row.tax, 1.5)
    if (row.gross !== null) ballot.vote("ttc", row.gross, 2)
  }
  const rates = new Set(rated.map((row) => row.rate))
  if (rated.length < 2 || rates.size !== rated.length) return
  const [base, tax] = [sum(rated.map((row) => row.base)), sum(rated.map((row) => row.tax))]
  ballot.vote("ht", base, 5)
  ballot.vote("tva", tax, 5)
  ballot.vote("ttc", base + tax, 3)
}

interface Triple extends Totals {
  readonly ht: bigint
  readonly tva: bigint
  readonly ttc: bigint
  readonly score: number
}

const triplesOf = (ballot: Ballot, onPage: ReadonlySet<bigint>, isExempt: boolean): ReadonlyArray<Triple> => {
  const triples: Array<Triple> = []
  const consider = (ht: bigint, tva: bigint, ttc: bigint): void => {
    if (ht + tva !== ttc || ttc === 0n || abs(tva) * 3n > abs(ht)) return
    if (tva !== 0n && (tva < 0n) !== (ht < 0n)) return
    const known = [ballot.of("ht", ht), ballot.of("tva", tva), ballot.of("ttc", ttc)]
    if (known.filter((score) => score > 0).length < 2) return
    const missing = ([["ht", ht], ["tva", tva], ["ttc", ttc]] as const).filter(([field, cents]) => ballot.of(field, cents) === 0 && !onPage.has(cents))
    // A third that is nowhere on the page is believed only where the tax itself is of a rate that exists.
    const hasRate = tva !== 0n && rateOf(ht, tva) !== null
    if (missing.length > 0 && (!hasRate && tva !== 0n || known.some((score) => score > 0 && score < 3))) return
    // VAT of nothing needs its own evidence: the same sum called both without and with VAT, or an exemption.
    if (tva === 0n && !isExempt && (ballot.of("tva", 0n) < 1 && ballot.of("ht", ht) < 5 || ballot.of("ht", ht) < 1)) return
    const zero = tva === 0n ? (isExempt || ballot.of("tva", 0n) > 0 ? 3 : 0) : 5
    triples.push({ ht, tva, ttc, score: sumOf(known) + zero + (hasRate ? 3 : 0) - missing.length * 3 })
  }
  const [hts, tvas, ttcs] = [ballot.best("ht", 16), ballot.best("tva", 16), ballot.best("ttc", 16)]
  for (const ht of hts) for (const ttc of ttcs) consider(ht, ttc - ht, ttc)
  for (const ht of hts) for (const tva of tvas) if (!ttcs.includes(ht + tva)) consider(ht, tva, ht + tva)
  for (const tva of tvas) for (const ttc of ttcs) if (!hts.includes(ttc - tva)) consider(ttc - tva, tva, ttc)
  return triples.toSorted((a, b) => b.score - a.score)
}

const sumOf = (values: ReadonlyArray<number>): number => values.reduce((total, value) => total + value, 0)

/** An amount is taken alone from this score on: a label that says what it is. */
const enough: Readonly<Record<Field, number>> = { ht: 6, tva: 6, ttc: 3.5 }

/**
 * The sums that labels, breakdown and arithmetic agree on. Where three amounts fit together they win over any single
 * label, unless another total is named far more clearly.
 */
export const chooseTotals = (
  labelled: ReadonlyArray<LabelledAmount>,
  rows: ReadonlyArray<VatRow>,
  all: ReadonlyArray<LineAmount>,
  foldedText: string
): Totals => {
  const ballot = new Ballot()
  voteForLabels(ballot, labelled)
  voteForRows(ballot, rows)
  // Several taxes by rate, each with a label of its own, make the sum.
  const taxes = distinct(labelled.filter((entry) => entry.label.kind === "tva" && entry.from === "line" && entry.amount.decimals === 2 && entry.amount.cents !== 0n), (entry) => `${entry.amount.cents}`)
  if (taxes.length >= 2 && taxes.length <= 4) ballot.vote("tva", sum(taxes.map((entry) => entry.amount.cents)), 3)
  const isExempt = exemption.test(foldedText)
  const onPage = new Set(all.filter((amount) => amount.decimals === 2).map((amount) => amount.cents))
  const derived = confirmations(ballot, labelled, onPage)
  voteForSettlement(ballot, labelled, derived)
  correctMisread(ballot, all, derived)
  demoteParts(ballot, labelled)
  readDollarSigns(ballot, all)
  // Beside a positive total a negative one is a part of it, but on credit notes.
  const totals = ballot.best("ttc", 12)
  if (!creditTitle.test(foldedText) && totals.some((total) => total > 0n && ballot.of("ttc", total) >= 4)) {
    for (const total of totals) if (total < 0n) ballot.add("ttc", total, -9)
  }
  const [triple] = triplesOf(ballot, onPage, isExempt)
  const [ttc] = ballot.best("ttc", 1)
  const ttcScore = ttc === undefined ? 0 : ballot.of("ttc", ttc)
  const tripleScore = triple === undefined ? 0 : ttc !== undefined && isRoundedPair(triple.ttc, ttc) ? ttcScore : ballot.of("ttc", triple.ttc)
  if (triple !== undefined && tripleScore >= Math.min(ttcScore, Math.max(1, ttcScore - 4.5))) return rounded(triple, derived)
  const single = (field: Field): bigint | null => {
    const [first] = ballot.best(field, 1)
    return first !== undefined && ballot.of(field, first) >= enough[field] ? first : null
  }
  const alone: Totals = { ht: single("ht"), tva: single("tva"), ttc: single("ttc") }
  const taxed = alone.tva !== null && alone.tva !== 0n
  const untaxed = alone.ttc ?? alone.ht
  // The sum of the goods before discount and carriage is not without tax for want of a tax.
  if (isExempt && !taxed && untaxed !== null && (alone.ht === null || rateOf(alone.ht, untaxed - alone.ht) === null)) return { ht: untaxed, tva: 0n, ttc: untaxed }
  return withoutContradiction(alone)
}

/** What is really paid where the exact sum was rounded to the last coin, as the page says. */
const rounded = ({ ht, ttc, tva }: Triple, derived: ReadonlyMap<bigint, number>): Totals => ({
  ht,
  tva,
  ttc: [...derived].find(([cents, weight]) => weight >= 3 && isRoundedPair(ttc, cents))?.[0] ?? ttc
})

/** Sums that contradict each other are not all right: the total stays, which labels name best. */
const withoutContradiction = ({ ht, tva, ttc }: Totals): Totals => {
  if (ttc === null) return { ht, tva, ttc }
  if (ht !== null && tva !== null && abs(ht + tva - ttc) > 1n) return isRateOf(2000n, ht, tva) ? { ht, tva, ttc: null } : { ht: null, tva: null, ttc }
  if (ht !== null && abs(ht) > abs(ttc)) return { ht: null, tva, ttc }
  if (tva !== null && abs(tva) * 4n > abs(ttc)) return { ht, tva: null, ttc }
  return { ht, tva, ttc }
}
