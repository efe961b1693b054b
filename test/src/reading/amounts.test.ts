import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { format } from "../../../src/domain/Money.ts"
import { parseAmount, unblur } from "../../../src/reading/amounts.ts"
import { amountsOnLine } from "../../../src/reading/lineAmounts.ts"
import { linesOf } from "../../../src/reading/lines.ts"
import { pageOf } from "./pageOf.ts"

const grouped = (digits: string, mark: string): string => digits.replace(/\B(?=(\d{3})+$)/g, mark)
const indian = (digits: string): string => digits.length <= 3 ? digits : `${digits.slice(0, -3).replace(/\B(?=(\d{2})+$)/g, ",")},${digits.slice(-3)}`

/** Every way of writing cents that the world's invoices use. */
const conventions: Readonly<Record<string, (whole: string, cents: string) => string>> = {
  "1 234,56": (whole, cents) => `${grouped(whole, " ")},${cents}`,
  "1\u00a0234,56 with no-break blanks": (whole, cents) => `${grouped(whole, "\u00a0")},${cents}`,
  "1\u202f234,56 with narrow blanks": (whole, cents) => `${grouped(whole, "\u202f")},${cents}`,
  "1.234,56": (whole, cents) => `${grouped(whole, ".")},${cents}`,
  "1,234.56": (whole, cents) => `${grouped(whole, ",")}.${cents}`,
  "1'234.56": (whole, cents) => `${grouped(whole, "'")}.${cents}`,
  "1’234.56": (whole, cents) => `${grouped(whole, "’")}.${cents}`,
  "12,34,567.89": (whole, cents) => `${indian(whole)}.${cents}`,
  "1234,56": (whole, cents) => `${whole},${cents}`,
  "1234.56": (whole, cents) => `${whole}.${cents}`
}

const signs: Readonly<Record<string, (text: string) => string>> = {
  "no sign": (text) => text,
  "-12": (text) => `-${text}`,
  "−12 with the true minus": (text) => `−${text}`,
  "12-": (text) => `${text}-`,
  "(12)": (text) => `(${text})`
}

const currencies: Readonly<Record<string, (text: string) => string>> = {
  "no currency": (text) => text,
  "€ 12": (text) => `€ ${text}`,
  "€12": (text) => `€${text}`,
  "12 €": (text) => `${text} €`,
  "12€": (text) => `${text}€`,
  "EUR 12": (text) => `EUR ${text}`,
  "12 EUR": (text) => `${text} EUR`,
  "$12": (text) => `$${text}`,
  "CHF 12": (text) => `CHF ${text}`,
  "RM12": (text) => `RM${text}`
}

const wholes = fc.integer({ min: 0, max: 999_999_999 }).map(String)
const cents = fc.integer({ min: 0, max: 99 }).map((value) => String(value).padStart(2, "0"))

describe("an amount printed in any convention is read back", () => {
  for (const [convention, print] of Object.entries(conventions)) {
    for (const [sign, signed] of Object.entries(signs)) {
      it(`${convention}, ${sign}`, () => {
        fc.assert(fc.property(wholes, cents, (whole, fraction) => {
          const negative = sign !== "no sign" && /[1-9]/.test(whole + fraction) ? "-" : ""
          const parsed = parseAmount(signed(print(whole, fraction)))
          expect(parsed === null ? null : format(parsed.value)).toBe(`${negative}${Number(whole)}.${fraction}`)
        }))
      })
    }
  }
})

describe("an amount on a line is found beside its currency", () => {
  for (const [name, dressed] of Object.entries(currencies)) {
    for (const [convention, print] of Object.entries(conventions)) {
      it(`${name}, ${convention}`, () => {
        fc.assert(fc.property(wholes, cents, (whole, fraction) => {
          const [line] = linesOf([pageOf(`Total:   ${dressed(print(whole, fraction))}`)])
          const found = line === undefined ? [] : amountsOnLine(line, null)
          expect(found.map((amount) => amount.cents)).toEqual([BigInt(`${whole}${fraction}`)])
        }), { numRuns: 40 })
      })
    }
  }
})

describe("what is no amount", () => {
  for (const text of ["FA-2024-001", "12/03/2024", "1.2.3.4", "12 34 56", "1,23,4", "", "-", "€", "12:30", "1.234.56"]) {
    it(`${JSON.stringify(text)}`, () => {
      expect(parseAmount(text)).toBeNull()
    })
  }
})

describe("a number that may be read two ways", () => {
  it("is a thousand where the page does not say otherwise", () => {
    expect(parseAmount("1.234")?.value.value).toBe(1234n)
  })
  it("is a little more than one where the page writes decimals that way", () => {
    expect(parseAmount("1.234", ".")?.decimals).toBe(3)
  })
  it("is a decimal where no thousand begins with a zero", () => {
    expect(parseAmount("0.025")?.decimals).toBe(3)
  })
})

describe("letters that recognition took for digits", () => {
  it("are set right among digits", () => {
    expect(unblur("l20,5O")).toBe("120,50")
  })
  it("stay letters in words", () => {
    expect(unblur("SOLDE")).toBe("SOLDE")
  })
})
