import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { pictureSize, picturesShownIn, whyNoInvoicePicture } from "../../../src/mail/pictures.ts"
import { planParts } from "../../../src/mail/planParts.ts"
import type { WantedPart } from "../../../src/mail/WantedPart.ts"
import { bytesOf } from "../../support/mail/composeMail.ts"
import { jpeg, png } from "../../support/mail/files.ts"

const part = (more: Partial<WantedPart> = {}): WantedPart => {
  const [wanted] = planParts({ type: "image/png", encoding: "base64", size: 100_000 }).wanted
  if (wanted === undefined) throw new Error("not wanted")
  return { ...wanted, contentId: "photo@x", isInline: true, name: "image001.png", ...more }
}
const shown = picturesShownIn([bytesOf("<img src=\"cid:photo@x\">")])
const notShown = picturesShownIn([bytesOf("<p>Bonjour</p>")])
const why = (picture: Uint8Array, pictures: typeof shown | null, more?: Partial<WantedPart>) => whyNoInvoicePicture(part(more), picture, picture.length, pictures)

describe("which pictures may be invoices", () => {
  it.each<readonly [string, Uint8Array, string | null, string | null]>([
    ["4 KiB", jpeg(1_000, 1_000, 4_000), "picture-in-text", "picture-too-small"],
    ["8 KiB", jpeg(1_000, 1_000, 8_000), "picture-in-text", null],
    ["12 KiB, small in pixels: a logo", jpeg(300, 120, 12_000), "picture-in-text", null],
    ["60 KiB, wide: a banner", jpeg(1_600, 700, 60_000), "picture-in-text", null],
    ["a photo, upright", jpeg(3_024, 4_032, 60_000), null, null],
    ["a photo, on its side", jpeg(4_032, 3_024, 60_000), null, null],
    ["a long receipt", jpeg(700, 3_000, 60_000), null, null],
    ["a screenshot of a page", png(700, 900), null, null]
  ])("%s; shown by the text: %o %s; not shown: %s", (_, picture, whenShown, whenNot) => {
    expect(why(picture, shown)).toBe(whenShown)
    expect(why(picture, notShown)).toBe(whenNot)
  })

  it("a small one with a Content-ID, inline beside the text that it lies with, is a logo even where it is not seen to be shown", () => {
    expect(why(jpeg(300, 120, 8_000), notShown, { isRelated: true })).toBe("picture-in-text")
    expect(why(jpeg(300, 120, 8_000), notShown, { isRelated: true, contentId: null })).toBeNull()
    expect(why(jpeg(300, 120, 12_000), notShown, { isRelated: true })).toBeNull()
  })

  it("without the text, one with a Content-ID beside it counts as shown", () => {
    const logo = jpeg(300, 120, 12_000)
    expect(why(logo, null)).toBe("picture-in-text")
    expect(why(logo, null, { isInline: false, isRelated: true })).toBe("picture-in-text")
    expect(why(logo, null, { isInline: false })).toBeNull()
    expect(why(logo, null, { contentId: null })).toBeNull()
  })
})

describe("how a text shows a picture", () => {
  const isShown = (html: string, more: Partial<WantedPart> = {}) => why(jpeg(300, 120, 12_000), picturesShownIn([bytesOf(html)]), more) !== null
  it.each([
    ["<img src=cid:photo@x>", {}],
    ["<IMG SRC='CID:PHOTO@X'>", {}],
    ["<img src=\"cid:photo%40x\">", {}],
    ["<td style=\"background:url(cid:photo@x)\">", {}],
    ["[cid:photo@x]", {}],
    ["<img src=\"cid:image001.png\">", { contentId: null }],
    ["<img src=\"https://a.example/b.png?c=1&amp;d=2\">", { contentId: null, contentLocation: "https://a.example/b.png?c=1&d=2" }],
    ["<body background=\"fond.png\">", { contentId: null, contentLocation: "fond.png" }]
  ])("%s", (html, more) => {
    expect(isShown(html, more)).toBe(true)
  })

  it.each(["", "photo@x", "cid:photo", "<img src=\"cid:photo@xy\">", "<img src=\"cid:image001.png\">"])("not by %j", (html) => {
    expect(isShown(html)).toBe(false)
  })
})

describe("the size in pixels", () => {
  it("is read of PNG and JPEG, also behind other segments", () => {
    expect(pictureSize(png(70, 30))).toEqual({ width: 70, height: 30 })
    expect(pictureSize(jpeg(640, 480, 1_000))).toEqual({ width: 640, height: 480 })
  })

  it("is not known of anything else, and nothing fails", () => {
    expect(pictureSize(jpeg(640, 480, 1_000).subarray(0, 22))).toBeNull()
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom([], [0x89], [0xff, 0xd8, 0xff, 0xe1]), (bytes, head) => {
      const size = pictureSize(Uint8Array.from([...head, ...bytes]))
      expect(size === null || (size.width >= 0 && size.height >= 0)).toBe(true)
    }))
  })
})
