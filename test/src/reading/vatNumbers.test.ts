import { describe, expect, it } from "vitest"
import { vatNumberCheck } from "../../../src/reading/vatNumbers.ts"

const sound = [
  "ATU13585627", "BE0202239951", "CHE116281710", "CHE123456788MWST", "DE136695976", "DK13585628", "EE100207415", "EL040127797", "ESB12345674", "ESA58818501",
  "ES12345678Z", "ESX1234567L", "FI20774740", "FR44732829320", "GB980780684", "HR33392005961", "HU12892312", "IE6388047V", "IT00743110157", "LU15027442",
  "MT15121333", "NL820471616B01", "NL123456789B13", "PL8567346215", "PT501964843", "RO11198699", "SE556188840401", "SI15012557", "SK2022749619"
]

/** The last digit that is checked, and one more than that. */
const spoilt = (id: string): string => id.replace(/(\d)(?=(B\d\d|(?<=SE\d{10})01)?\D*$)/, (digit) => String((Number(digit) + 1) % 10))

describe("VAT numbers", () => {
  for (const id of sound) {
    it(`${id} is sound`, () => expect(vatNumberCheck(id)).toBe("sound"))
    it(`${spoilt(id)} is wrong`, () => expect(vatNumberCheck(spoilt(id))).toBe("wrong"))
  }
  for (const [id, verdict] of [["NL82047161601", "wrong"], ["DE12345678", "wrong"], ["FRAB732829320", "sound"], ["LT123456789", "unknown"], ["XX123", "unknown"]] as const) {
    it(`${id} is ${verdict}`, () => expect(vatNumberCheck(id)).toBe(verdict))
  }
})
