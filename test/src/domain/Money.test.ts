import { assert, describe, it } from "@effect/vitest"
import { BigDecimal, Option, Schema } from "effect"
import * as Money from "../../../src/domain/Money.ts"

const money = (text: string): Money.Money => Option.getOrThrow(Money.parse(text))

const cents = Schema.BigInt.check(Schema.isBetweenBigInt({ minimum: -99_999_999_999_999n, maximum: 99_999_999_999_999n }))
const mills = Schema.Int.check(Schema.isBetween({ minimum: -1_000_000_000, maximum: 1_000_000_000 }))

describe("money", () => {
  it.each([
    ["0", "0.00"],
    ["-0", "0.00"],
    ["1200", "1200.00"],
    ["-7.67", "-7.67"],
    ["-0.05", "-0.05"],
    ["0.5", "0.50"],
    ["0.125", "0.125"],
    ["5.5000000000", "5.50"],
    ["+12.30", "12.30"],
    ["007.10", "7.10"],
    ["999999999999999.99", "999999999999999.99"]
  ])("%s is written %s", (text, written) => {
    assert.strictEqual(Money.format(money(text)), written)
  })

  it("is written without an exponent, however large or small", () => {
    assert.strictEqual(Money.format(BigDecimal.make(1n, -18)), "1000000000000000000.00")
    assert.strictEqual(Money.format(BigDecimal.make(-1n, 9)), "-0.000000001")
  })

  it.each(["", " 1", "1 ", "1,5", "1.", ".5", "1e3", "1 234.56", "--1", "NaN", "Infinity", "0x10", "1.2.3", "9".repeat(16), "€1"])(
    "is not read from %j",
    (text) => {
      assert.isTrue(Option.isNone(Money.parse(text)))
    }
  )

  it.prop("is read back as it was written", [cents, Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 6 }))], ([value, scale]) => {
    const amount = BigDecimal.make(value, scale)
    const written = Money.format(amount)
    assert.isTrue(BigDecimal.equals(money(written), amount), written)
    assert.match(written, /^-?\d+\.\d{2,}$/)
  })

  it.each([["0.005", "0.01"], ["-0.005", "-0.01"], ["1.005", "1.01"], ["2.675", "2.68"], ["1.0049999999", "1.00"], ["-2.5049", "-2.50"], ["0.1249", "0.12"]])(
    "%s rounds to %s, half away from zero",
    (text, rounded) => {
      assert.strictEqual(Money.format(Money.toCents(money(text))), rounded)
    }
  )

  it.prop("never moves by more than half a cent when it is rounded, and has two decimals then", [mills], ([value]) => {
    const amount = BigDecimal.make(BigInt(value), 3)
    const rounded = Money.toCents(amount)
    assert.isTrue(BigDecimal.isLessThanOrEqualTo(BigDecimal.abs(BigDecimal.subtract(rounded, amount)), BigDecimal.make(5n, 3)))
    assert.match(Money.format(rounded), /^-?\d+\.\d\d$/)
    assert.isTrue(Money.equalToTheCent(amount, rounded))
    assert.isFalse(Money.equalToTheCent(amount, BigDecimal.sum(amount, BigDecimal.make(11n, 3))))
  })
})
