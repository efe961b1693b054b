import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { dayOrderOf, datesIn } from "../../../src/reading/dates.ts"

const two = (value: number): string => String(value).padStart(2, "0")

/** July and 9 to 31: no doubt about day and month; the names of July in six languages. */
const conventions: Readonly<Record<string, (day: number, year: number) => string>> = {
  "17/07/2024": (day, year) => `${two(day)}/07/${year}`,
  "17.7.2024": (day, year) => `${day}.7.${year}`,
  "17-07-24": (day, year) => `${two(day)}-07-${two(year % 100)}`,
  "2024-07-17": (day, year) => `${year}-07-${two(day)}`,
  "20240717": (day, year) => `${year}07${two(day)}`,
  "17 juillet 2024": (day, year) => `${day} juillet ${year}`,
  "17 July 2024": (day, year) => `${day} July ${year}`,
  "July 17, 2024": (day, year) => `July ${day}, ${year}`,
  "17. Juli 2024": (day, year) => `${day}. Juli ${year}`,
  "17 de julio de 2024": (day, year) => `${day} de julio de ${year}`,
  "17 luglio 2024": (day, year) => `${day} luglio ${year}`,
  "17-Jul-24": (day, year) => `${day}-Jul-${two(year % 100)}`,
  "17JUL2024": (day, year) => `${two(day)}JUL${year}`
}

describe("a date printed in any convention is read back", () => {
  for (const [name, print] of Object.entries(conventions)) {
    it(`${name}`, () => {
      fc.assert(fc.property(fc.integer({ min: 13, max: 31 }), fc.integer({ min: 2001, max: 2039 }), (day, year) => {
        expect(datesIn(`le ${print(day, year)} à Lyon`).map((found) => found.date)).toEqual([`${year}-07-${day}`])
      }))
    })
  }
})

describe("03/04/25", () => {
  it("is the third of April", () => {
    expect(datesIn("03/04/25")[0]).toMatchObject({ date: "2025-04-03", ambiguous: true })
  })
  it("is the fourth of March where the document puts the month first", () => {
    const order = dayOrderOf(["Due 04/24/2025", "Date 03/04/25"])
    expect(datesIn("03/04/25", order)[0]?.date).toBe("2025-03-04")
  })
  it("is the third of April where another date proves it", () => {
    expect(dayOrderOf(["24/04/2025"], "month-first")).toBe("day-first")
  })
})

describe("other forms", () => {
  it("reads the first of a month as the French write it", () => {
    expect(datesIn("Paris, le 1er février 2024")[0]?.date).toBe("2024-02-01")
  })
  it("does not take a time of day or a version for a date", () => {
    expect(datesIn("11.14.00 / 1.2.3 / 12:30:15")).toEqual([])
  })
  it("knows that some days do not exist", () => {
    expect(datesIn("30/02/2024 31.04.2024 2023-02-29")).toEqual([])
  })
  it("marks eight bare digits, which may be a number", () => {
    expect(datesIn("20240717")[0]?.bare).toBe(true)
  })
  it("sets right letters that recognition took for digits", () => {
    expect(datesIn("l6.09.2O18")[0]?.date).toBe("2018-09-16")
  })
})
