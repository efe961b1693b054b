import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { Schema } from "effect"
import { describe, expect, it } from "vitest"
import { attachmentsOfMail } from "../../../src/mail/attachmentsOf.ts"
import { corpusFolder } from "../../support/corpus.ts"

/** `must`, `stretch` (inside containers) are imported; `may` is ours to decide; `ignore` never is. */
const Truth = Schema.Array(Schema.Struct({
  file: Schema.String,
  attachments: Schema.Array(Schema.Struct({
    class: Schema.Literals(["must", "stretch", "may", "ignore"]),
    filename: Schema.NullOr(Schema.String),
    filename_alt: Schema.optionalKey(Schema.Array(Schema.String)),
    sha256: Schema.String,
    sha256_alt: Schema.optionalKey(Schema.Array(Schema.String))
  }))
}))

const folder = corpusFolder("mail")
const truth = folder === null ? [] : Schema.decodeUnknownSync(Truth)(JSON.parse(readFileSync(new URL("truth.json", folder), "utf8")))

describe("of every real mail, what must be imported is, with its bytes and name, and nothing else", () => {
  it(`${folder === null ? "(the corpus of real mails is not beside this checkout)" : "the corpus is there and can be read"}`, () => {
    expect(truth.length > 0).toBe(folder !== null)
  })
  for (const { attachments, file } of truth) {
    it(`${file}`, () => {
      const found = attachmentsOfMail(new Uint8Array(readFileSync(new URL(file, folder ?? "file:///")))).flatMap((one) =>
        one._tag === "MailAttachment" ? [{ name: one.name, sha256: createHash("sha256").update(one.bytes).digest("hex") }] : []
      )
      const left = [...found]
      const missing = attachments.filter((wanted) => {
        const hashes = [wanted.sha256, ...wanted.sha256_alt ?? []]
        const index = left.findIndex(({ name, sha256 }) => hashes.includes(sha256) && (wanted.filename === null || name === wanted.filename))
        const isAllowed = wanted.class !== "ignore"
        if (index >= 0 && isAllowed) left.splice(index, 1)
        return index === -1 && (wanted.class === "must" || wanted.class === "stretch")
      })
      expect({ missing, others: left }).toEqual({ missing: [], others: [] })
    })
  }
})
