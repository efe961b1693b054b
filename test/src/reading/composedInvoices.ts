import * as fc from "fast-check"
import { type Language, languages, type LanguageName } from "./invoiceLanguages.ts"

/** Invoices put together from usual words in usual layouts, so that each word is tried in each place. */

interface Pair {
  readonly label: string
  readonly value: string
}

const beside = (left: ReadonlyArray<string>, right: ReadonlyArray<string>, column = 52): ReadonlyArray<string> =>
  Array.from({ length: Math.max(left.length, right.length) }, (_, index) => `${(left[index] ?? "").padEnd(column)}${right[index] ?? ""}`.trimEnd())

const widths = (pairs: ReadonlyArray<Pair>): ReadonlyArray<number> => pairs.map(({ label, value }) => Math.max(label.length, value.length) + 4)

const pairLayouts = {
  "a colon between": (pairs: ReadonlyArray<Pair>) => pairs.map(({ label, value }) => `${label}: ${value}`),
  "values in a column of their own": (pairs: ReadonlyArray<Pair>) => pairs.map(({ label, value }) => `${label.padEnd(30)}${value}`),
  "labels over values, side by side": (pairs: ReadonlyArray<Pair>) => [
    pairs.map(({ label }, index) => label.padEnd(widths(pairs)[index] ?? 0)).join(""),
    pairs.map(({ value }, index) => value.padEnd(widths(pairs)[index] ?? 0)).join("")
  ],
  "labels over values, one below the other": (pairs: ReadonlyArray<Pair>) => pairs.flatMap(({ label, value }) => [label, value, ""])
} as const

interface Parties {
  readonly seller: ReadonlyArray<string>
  readonly contact: ReadonlyArray<string>
  readonly buyer: ReadonlyArray<string>
  readonly buyerWord: string
}

const headLayouts = {
  "all in the footer": ({ buyer }: Parties, data: ReadonlyArray<string>) => ["", ...buyer, "", ...data],
  "letterhead, window, data": ({ buyer, contact, seller }: Parties, data: ReadonlyArray<string>) => [...seller, ...contact, "", ...buyer, "", ...data],
  "sender's line, window beside data": ({ buyer, seller }: Parties, data: ReadonlyArray<string>) => [seller.join(" · "), "", ...beside(buyer, data)],
  "letterhead beside data, buyer named": ({ buyer, buyerWord, seller }: Parties, data: ReadonlyArray<string>) => [...beside(seller, data), "", `${buyerWord}:`, ...buyer],
  "window left, letterhead right": ({ buyer, contact, seller }: Parties, data: ReadonlyArray<string>) => [...beside(["", "", ...buyer], [...seller, ...contact]), "", ...data],
  "buyer named beside letterhead": ({ buyer, buyerWord, contact, seller }: Parties, data: ReadonlyArray<string>) => [...beside([...seller, ...contact], [buyerWord, ...buyer]), "", ...data]
} as const

const totalLayouts = {
  "lines on the right": (sums: ReadonlyArray<Pair>) => sums.map(({ label, value }) => `${" ".repeat(44)}${label.padEnd(34)}${value.padStart(16)}`),
  "lines on the left with colons": (sums: ReadonlyArray<Pair>) => sums.map(({ label, value }) => `${label}: ${value}`),
  "headings in a row": (sums: ReadonlyArray<Pair>) => [
    sums.map(({ label }, index) => label.padStart(widths(sums)[index] ?? 0)).join(""),
    sums.map(({ value }, index) => value.padStart(widths(sums)[index] ?? 0)).join("")
  ]
} as const

const keysOf = <A extends object>(record: A): ReadonlyArray<keyof A> => Object.keys(record).filter((key): key is Extract<keyof A, string> => key in record)
const one = <A>(values: ReadonlyArray<A>): fc.Arbitrary<A> => fc.constantFrom(...values)

const dayText = (language: Language, shape: string, day: Date): string => {
  const [y, m, d] = [day.getUTCFullYear(), day.getUTCMonth() + 1, day.getUTCDate()]
  return shape.replace("{dd}", String(d).padStart(2, "0")).replace("{mm}", String(m).padStart(2, "0")).replace("{month}", language.months[m - 1] ?? "")
    .replace("{yy}", String(y).slice(2)).replace("{y}", String(y)).replace("{d}", String(d)).replace("{m}", String(m))
}

const sumText = (cents: bigint, [thousands, decimals]: readonly [string, string]): string =>
  `${String(cents / 100n).replace(/\B(?=(\d{3})+$)/g, thousands)}${decimals}${String(cents % 100n).padStart(2, "0")}`

const firstDay = Date.UTC(2024, 0, 1)
const dayAt = (days: number): Date => new Date(firstDay + days * 86_400_000)
const iso = (day: Date): string => day.toISOString().slice(0, 10)

/** Invoices of that language with what they truly say; amounts in hundredths. */
export const composedInvoiceIn = (name: LanguageName) => {
  const language: Language = languages[name]
  return fc.record({
    head: one(keysOf(headLayouts)),
    pairs: one(keysOf(pairLayouts)),
    totals: one(keysOf(totalLayouts)),
    title: one(language.title),
    labels: fc.record({ number: one(language.number), date: one(language.date), due: one(language.due), customer: one(language.customer), order: one(language.order), delivery: one(language.delivery) }),
    sums: fc.record({ ht: one(language.ht), tva: one(language.tva), ttc: one(language.ttc) }),
    parties: fc.record({ seller: one(language.seller), buyer: one(language.customers), buyerWord: one(language.buyer) }),
    withDue: fc.boolean(),
    titled: fc.option(one(language.titled)),
    discount: fc.option(fc.record({ subtotal: one(language.subtotal), discount: one(language.discount) })),
    carriage: fc.option(one(language.carriage)),
    paid: fc.option(fc.record({ paid: one(language.paid), left: one(language.left) })),
    exempt: fc.oneof({ weight: 6, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: one(language.exempt) }),
    rate: one(language.rates),
    base: fc.integer({ min: 1_000, max: 9_999_999 }),
    days: fc.record({ invoice: fc.integer({ min: 0, max: 700 }), due: fc.integer({ min: 1, max: 60 }), delivery: fc.integer({ min: 1, max: 40 }) }),
    number: one(["2024-0117", "RE-10234", "F24/0088", "4711203", "A.2024.55", "INV00912"]),
    dayShape: one(language.days),
    marks: one(language.marks),
    sign: one(["", " €", "€ "])
  }).map((choice) => {
    const { base, carriage, dayShape, days, discount, exempt, labels, marks, paid, parties, sign, sums, titled, withDue } = choice
    const ht = BigInt(base)
    const tva = exempt === null ? (ht * BigInt(choice.rate) + 5_000n) / 10_000n : 0n
    const [day, due, delivery] = [dayAt(days.invoice), dayAt(days.invoice + days.due), dayAt(days.invoice - days.delivery)]
    const said = (date: Date) => dayText(language, dayShape, date)
    const money = (cents: bigint) => sign === "€ " ? `€ ${sumText(cents, marks)}` : `${sumText(cents, marks)}${sign}`
    const rateText = `${choice.rate % 100 === 0 ? choice.rate / 100 : String(choice.rate / 100).replace(".", marks[1])} %`
    const title = titled?.replace("#", choice.number).replace("@", said(day))
    const data = pairLayouts[choice.pairs]([
      ...(title === undefined ? [{ label: labels.number, value: choice.number }, { label: labels.date, value: said(day) }] : []),
      { label: labels.customer, value: "C20418" },
      { label: labels.delivery, value: said(delivery) },
      { label: labels.order, value: "7700451" },
      ...(withDue ? [{ label: labels.due, value: said(due) }] : [])
    ])
    const head = headLayouts[choice.head]({ seller: parties.seller, contact: language.contact, buyer: parties.buyer, buyerWord: parties.buyerWord }, data)
    const foot = choice.head === "all in the footer" ? ["", "", [parties.seller.join(", "), ...language.contact].join(" - ")] : []
    const [reduction, freight] = [discount === null ? 0n : ht / 23n + 1n, carriage === null ? 0n : ht / 37n + 5n]
    const goods = ht + reduction - freight
    const table = [`1    A          1    ${money(goods / 3n)}`, `2    B          1    ${money(goods - goods / 3n)}`]
    const before = [
      ...(discount === null ? [] : [{ label: discount.subtotal, value: money(goods) }, { label: discount.discount, value: `-${money(reduction)}` }]),
      ...(carriage === null ? [] : [{ label: carriage, value: money(freight) }])
    ]
    const total = { label: sums.ttc, value: money(ht + tva) }
    const middle = exempt === null ? [{ label: sums.ht, value: money(ht) }, { label: sums.tva.replace("%", rateText), value: money(tva) }] : []
    const deposit = (ht + tva) / 4n
    const after = paid === null ? [] : [{ label: paid.paid, value: `-${money(deposit)}` }, { label: paid.left, value: money(ht + tva - deposit) }]
    const totals = totalLayouts[choice.totals]([...before, ...middle, total, ...after])
    return {
      text: [...head, "", title ?? choice.title, "", ...table, "", ...totals, ...(exempt === null ? [] : ["", exempt]), ...foot].join("\n"),
      says: {
        supplierName: parties.seller[0],
        invoiceNumber: choice.number,
        invoiceDate: iso(day),
        dueDate: withDue ? iso(due) : null,
        amountHT: ht,
        amountTVA: tva,
        amountTTC: ht + tva
      }
    }
  })
}
