import { Array, BigDecimal } from "effect"
import { format, type Money, toCents } from "../../../src/domain/Money.ts"

/** A firm that does not exist, with numbers whose check digits are right. */
export interface Firm {
  readonly name: string
  /** What the firm says about itself under its name. */
  readonly trade: string
  readonly street: string
  readonly postcode: string
  readonly city: string
  /** ISO 3166-1 alpha-2. */
  readonly country: string
  readonly phone: string
  readonly email: string
  /** 14 digits; null outside France. */
  readonly siret: string | null
  readonly vatNumber: string
  readonly iban: string
}

export interface Line {
  readonly description: string
  readonly quantity: Money
  readonly unit: Unit
  /** Without VAT. */
  readonly unitPrice: Money
  /** In per cent. */
  readonly vatRate: Money
}

export type Unit = "m²" | "m" | "h" | "u" | "forfait" | "jour"

export interface Invoice {
  readonly number: string
  /** YYYY-MM-DD, like every date here. */
  readonly date: string
  readonly dueDate: string
  readonly deliveryDate: string
  /** Where the work was done. */
  readonly site: string
  readonly supplier: Firm
  readonly buyer: Firm
  readonly lines: ReadonlyArray<Line>
}

export const line = (description: string, quantity: string, unit: Unit, unitPrice: string, vatRate: string): Line => ({
  description,
  quantity: BigDecimal.fromStringUnsafe(quantity),
  unit,
  unitPrice: BigDecimal.fromStringUnsafe(unitPrice),
  vatRate: BigDecimal.fromStringUnsafe(vatRate)
})

export const lineAmount = (line: Line): Money => toCents(BigDecimal.multiply(line.quantity, line.unitPrice))

/** Base and VAT of one rate, the highest rate first. VAT is rounded once per rate, as EN 16931 asks (BR-CO-17). */
export interface VatGroup {
  readonly rate: Money
  readonly base: Money
  readonly amount: Money
}

export const vatGroups = (invoice: Invoice): ReadonlyArray<VatGroup> =>
  Object.values(Array.groupBy(invoice.lines, (line) => format(line.vatRate)))
    .flatMap((lines) => {
      const rate = lines[0]?.vatRate
      if (rate === undefined) return []
      const base = BigDecimal.sumAll(lines.map(lineAmount))
      return [{ rate, base, amount: toCents(BigDecimal.multiply(base, BigDecimal.multiply(rate, BigDecimal.make(1n, 2)))) }]
    })
    .sort((a, b) => BigDecimal.Order(b.rate, a.rate))

export interface Totals {
  readonly ht: Money
  readonly tva: Money
  readonly ttc: Money
}

export const totals = (invoice: Invoice): Totals => {
  const ht = BigDecimal.sumAll(invoice.lines.map(lineAmount))
  const tva = BigDecimal.sumAll(vatGroups(invoice).map((group) => group.amount))
  return { ht, tva, ttc: BigDecimal.sum(ht, tva) }
}

/** What a reader should find, in the shape that `extract --json` prints. */
export const truth = (invoice: Invoice) => {
  const { ht, tva, ttc } = totals(invoice)
  return {
    supplierName: invoice.supplier.name,
    invoiceNumber: invoice.number,
    invoiceDate: invoice.date,
    dueDate: invoice.dueDate,
    currency: "EUR",
    amountHT: format(ht),
    amountTVA: format(tva),
    amountTTC: format(ttc),
    iban: invoice.supplier.iban
  }
}
