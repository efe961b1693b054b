import { abs, type Ballot, distinct } from "./ballot.ts"
import type { LabelledAmount } from "./labelledAmounts.ts"
import type { LineAmount } from "./lineAmounts.ts"

/** What was paid, given back, rounded and added up: a second opinion on what the total is. */

const byKind = (labelled: ReadonlyArray<LabelledAmount>, kind: string): ReadonlyArray<bigint> =>
  labelled.filter(({ amount, label }) => label.kind === kind && (amount.decimals === 2 || amount.hasCurrency)).map((entry) => entry.amount.cents)

/** Sums that cash registers round to in Switzerland and Malaysia: the last coin is five hundredths. */
export const isRoundedPair = (exact: bigint, rounded: bigint): boolean => rounded % 5n === 0n && exact % 5n !== 0n && abs(exact - rounded) <= 5n

/** What is paid, given back, rounded, added up and left to pay says what the total was: derived sums and their weight. */
export const confirmations = (ballot: Ballot, labelled: ReadonlyArray<LabelledAmount>, onPage: ReadonlySet<bigint>): ReadonlyMap<bigint, number> => {
  const totals = ballot.best("ttc", 12)
  const derived = new Map<bigint, number>()
  const confirm = (cents: bigint, weight: number): void => {
    if (cents !== 0n) derived.set(cents, (derived.get(cents) ?? 0) + weight)
  }
  const changes = distinct(byKind(labelled, "change"), String)
  const given = changes.some((change) => change !== 0n) ? [...byKind(labelled, "tendered"), ...byKind(labelled, "paid")] : byKind(labelled, "tendered")
  for (const tendered of distinct(given.map(abs), String)) {
    if (changes.every((change) => change === 0n)) confirm(tendered, 3)
    for (const change of changes) {
      const spent = tendered - abs(change)
      if (change !== 0n && spent > 0n) confirm(spent, onPage.has(spent) ? 6 : 4)
    }
  }
  for (const rounding of distinct(byKind(labelled, "rounding"), String)) {
    if (rounding === 0n || abs(rounding) > 10n) continue
    for (const total of totals.filter((cents) => ballot.of("ttc", cents) >= 3)) {
      for (const rounded of [total + rounding, total - rounding]) if (isRoundedPair(total, rounded)) confirm(rounded, 4)
    }
  }
  for (const total of totals) {
    for (const other of totals) if (isRoundedPair(total, other) && ballot.of("ttc", other) >= 3) confirm(other, 3)
  }
  for (const due of byKind(labelled, "due")) {
    for (const paid of byKind(labelled, "paid")) {
      const whole = due < 0n ? due - abs(paid) : due + abs(paid)
      if (paid !== 0n && totals.includes(whole)) confirm(whole, 4)
    }
  }
  return derived
}

/** Nobody pays more than they hand over and get change back for. */
const demoteUnpaid = (ballot: Ballot, labelled: ReadonlyArray<LabelledAmount>): void => {
  const given = byKind(labelled, "tendered").map(abs)
  if (given.length === 0 || !byKind(labelled, "change").some((change) => change !== 0n)) return
  const most = given.reduce((a, b) => a > b ? a : b)
  for (const total of ballot.best("ttc", 12)) if (total > most) ballot.add("ttc", total, -6)
}

const isRecognised = (amount: LineAmount): boolean => amount.line.cells.some((cell) => cell.words.some((word) => word.confidence < 1))

const differsInOneDigit = (a: bigint, b: bigint): boolean => {
  const [x, y] = [String(a), String(b)]
  return x.length === y.length && [...x].filter((digit, index) => digit !== y[index]).length === 1
}

/** A recognised total that is one digit off what was paid was misread: what is paid and given back agree by themselves. */
export const correctMisread = (ballot: Ballot, all: ReadonlyArray<LineAmount>, derived: ReadonlyMap<bigint, number>): void => {
  // A total that is printed again and again was hardly misread each time.
  const printed = all.filter((amount) => amount.decimals === 2).map((amount) => amount.cents)
  const recognised = new Set(all.filter(isRecognised).map((amount) => amount.cents).filter((cents) => printed.indexOf(cents) === printed.lastIndexOf(cents)))
  for (const [cents, weight] of derived) {
    const misread = ballot.best("ttc", 12).find((total) => total !== cents && recognised.has(total) && differsInOneDigit(total, cents))
    if (weight >= 3 && misread !== undefined) ballot.vote("ttc", cents, ballot.of("ttc", misread) + 1)
  }
}

/** Recognition takes "$8.20" for 58.20: where the sign stands before the same digits elsewhere, it was the sign. */
export const readDollarSigns = (ballot: Ballot, all: ReadonlyArray<LineAmount>): void => {
  const recognised = all.filter((amount) => amount.decimals === 2 && isRecognised(amount))
  const withSign = new Set(recognised.filter((amount) => amount.hasCurrency).map((amount) => amount.cents))
  for (const total of ballot.best("ttc", 12)) {
    const digits = String(total)
    const rest = digits.length > 3 && digits.startsWith("5") ? BigInt(digits.slice(1)) : 0n
    if (rest === 0n || withSign.has(total) || !withSign.has(rest)) continue
    ballot.vote("ttc", rest, ballot.of("ttc", total))
    ballot.add("ttc", total, -6)
  }
}

const rateBefore = /(\d{1,2}(?:[.,]\d{1,2})?) ?%/

/**
 * A total made of two others (one per rate) is the whole, and they are its parts. Totals of several rates are parts also
 * where the whole cannot be read.
 */
export const demoteParts = (ballot: Ballot, labelled: ReadonlyArray<LabelledAmount>): void => {
  const parts = distinct(labelled.filter((entry) => /\d ?%|@/.test(entry.amount.before) && ["ttc", "total", "other"].includes(entry.label.kind)).map((entry) => entry.amount.cents), String)
  for (const whole of ballot.best("ttc", 12)) {
    for (const part of parts) {
      if (part === 0n || part === whole || !parts.includes(whole - part) || whole === part * 2n) continue
      ballot.add("ttc", whole, 4)
      ballot.add("ttc", part, -6)
      ballot.add("ttc", whole - part, -6)
      return
    }
  }
  const ofOneRate = labelled.filter(({ amount, label }) => amount.cents !== 0n && (label.kind === "ttc" || label.kind === "total") && rateBefore.test(amount.before))
  if (new Set(ofOneRate.map(({ amount }) => rateBefore.exec(amount.before)?.[1])).size < 2) return
  for (const cents of distinct(ofOneRate.map(({ amount }) => amount.cents), String)) ballot.add("ttc", cents, -12)
}

export const voteForSettlement = (ballot: Ballot, labelled: ReadonlyArray<LabelledAmount>, derived: ReadonlyMap<bigint, number>): void => {
  for (const [cents, weight] of derived) {
    if (ballot.of("ttc", cents) > 0) ballot.add("ttc", cents, weight)
    else ballot.vote("ttc", cents, weight >= 3 ? weight : weight / 2)
  }
  demoteUnpaid(ballot, labelled)
}
