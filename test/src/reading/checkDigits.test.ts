import { describe, expect, it } from "vitest"
import { ibanIsSound, sirenIsSound, siretIsSound } from "../../../src/reading/checkDigits.ts"

describe("IBAN", () => {
  for (const iban of ["FR7630006000011234567890189", "DE89370400440532013000", "BE68539007547034", "NL91ABNA0417164300", "GB29NWBK60161331926819", "CH9300762011623852957"]) {
    it(`${iban} is sound`, () => expect(ibanIsSound(iban)).toBe(true))
    it(`${iban} with one digit changed is not`, () => {
      const last = iban.endsWith("9") ? "8" : "9"
      expect(ibanIsSound(`${iban.slice(0, -1)}${last}`)).toBe(false)
    })
  }
  it("has the length of its country", () => expect(ibanIsSound("FR763000600001123456789018")).toBe(false))
})

describe("SIREN and SIRET", () => {
  it("follow Luhn", () => {
    expect(sirenIsSound("732829320")).toBe(true)
    expect(sirenIsSound("732829321")).toBe(false)
    expect(siretIsSound("73282932000074")).toBe(true)
    expect(siretIsSound("73282932000075")).toBe(false)
  })
  it("of zeros alone is none", () => expect(sirenIsSound("000000000")).toBe(false))
  it("of La Poste follow a sum of digits", () => {
    expect(siretIsSound("35600000049837")).toBe(true)
    expect(siretIsSound("35600000049838")).toBe(false)
  })
})
