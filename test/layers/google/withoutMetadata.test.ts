import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import sharp from "sharp"
import { withoutMetadata } from "../../../layers/google/withoutMetadata.ts"

/** A picture with enough in it for several scans, and what a telephone writes beside it. */
const tagged = (format: "jpeg" | "png", options: object = {}) =>
  Effect.promise(async () => {
    const noise = Buffer.from(Array.from({ length: 64 * 48 * 3 }, (_, index) => (Math.imul(index, 2654435761) >>> 24) & 0xff))
    const picture = sharp(noise, { raw: { width: 64, height: 48, channels: 3 } }).withExif({ IFD0: { Copyright: "SECRET" }, IFD3: { GPSLatitude: "48/1 51/1 0/1" } })
    return new Uint8Array(await picture.toFormat(format, options).toBuffer())
  })

const pixels = (bytes: Uint8Array) => Effect.promise(() => sharp(bytes).raw().toBuffer())
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1")

/** A chunk of a PNG with text; nobody checks the check sum of what is thrown away. */
const textChunk = (type: string, text: string) => Buffer.concat([Buffer.from([0, 0, 0, text.length]), Buffer.from(type), Buffer.from(text), Buffer.from([0, 0, 0, 0])])

describe("a picture without its metadata", () => {
  for (const [name, format, options] of [["a photo", "jpeg", {}], ["a photo of several scans", "jpeg", { progressive: true }], ["a screenshot", "png", {}]] as const) {
    it.effect(`is ${name}, pixel by pixel the same, and says no more where and with what it was taken`, () =>
      Effect.gen(function*() {
        const bytes = yield* tagged(format, options)
        assert.include(textOf(bytes), "SECRET")
        const clean = withoutMetadata(bytes)
        assert.notMatch(textOf(clean), /SECRET|Exif|eXIf|GPS/)
        assert.deepStrictEqual(yield* pixels(clean), yield* pixels(bytes))
        assert.deepStrictEqual(withoutMetadata(clean), clean, "nothing more to take away")
      }))

    it.effect(`loses what follows ${name}'s end`, () =>
      Effect.gen(function*() {
        const bytes = yield* tagged(format, options)
        const longer = new Uint8Array(Buffer.concat([bytes, Buffer.from("SECRET film"), bytes]))
        assert.deepStrictEqual(withoutMetadata(longer), withoutMetadata(bytes))
      }))
  }

  it.effect("loses texts and times of a PNG", () =>
    Effect.gen(function*() {
      const bytes = yield* tagged("png")
      const chunks = ["tEXt", "iTXt", "zTXt", "tIME"].map((type) => textChunk(type, "SECRET"))
      const clean = withoutMetadata(new Uint8Array(Buffer.concat([bytes.subarray(0, 33), ...chunks, bytes.subarray(33)])))
      assert.deepStrictEqual(clean, withoutMetadata(bytes))
    }))

  it.effect("keeps its colours: the profile stays", () =>
    Effect.gen(function*() {
      const bytes = yield* Effect.promise(() => sharp({ create: { width: 8, height: 8, channels: 3, background: "red" } }).withIccProfile("p3").jpeg().toBuffer())
      const { icc } = yield* Effect.promise(() => sharp(withoutMetadata(new Uint8Array(bytes))).metadata())
      assert.isDefined(icc)
    }))

  it.prop("is no trap for rubbish", [Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))), Schema.Literals(["jpeg", "png", "none"])], ([rest, head]) => {
    const start = { jpeg: [0xff, 0xd8, 0xff], png: [0x89, 0x50, 0x4e, 0x47], none: [] }[head]
    const bytes = Uint8Array.from([...start, ...rest])
    assert.isAtMost(withoutMetadata(bytes).length, bytes.length)
  })
})
