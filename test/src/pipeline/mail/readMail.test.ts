import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readMail } from "../../../../src/pipeline/mail/readMail.ts"
import { readMimeTree } from "../../../../src/mail/readMimeTree.ts"
import { leavesOf } from "../../../../src/mail/sections.ts"
import { type MailSession, PartBytes } from "../../../../src/services/MailServers.ts"
import { mailWith, somePdf } from "../../../support/mails.ts"

/** A server that has this mail, and says of each section what the test wants. */
const serverWith = (mail: Buffer, change: { readonly without?: string; readonly isThere?: boolean } = {}) => {
  const tree = readMimeTree(mail)
  const leaves = new Map(leavesOf(tree.structure).leaves.map(({ node, section }) => [section, tree.bodyOf(node)]))
  const fetched: Array<string> = []
  const bytesOf = (section: string, most: number) => {
    fetched.push(section)
    const bytes = section === "" ? mail : leaves.get(section)
    if (bytes === undefined || section === change.without) return PartBytes.Gone()
    return bytes.length > most ? PartBytes.TooLarge() : PartBytes.Bytes({ bytes })
  }
  const session: Pick<MailSession, "list" | "part" | "start"> = {
    list: () => Effect.succeed(change.isThere === false ? [] : [1]),
    part: (_uid, section, { maxBytes }) => Effect.sync(() => bytesOf(section, maxBytes)),
    start: (_uid, section, most) => Effect.sync(() => PartBytes.$match(bytesOf(section, Infinity), {
      Bytes: ({ bytes }) => PartBytes.Bytes({ bytes: bytes.subarray(0, most) }),
      Gone: () => PartBytes.Gone(),
      TooLarge: () => PartBytes.TooLarge()
    }))
  }
  const read = (structure: typeof tree.structure | null, attachmentBytes = 20_000_000) =>
    readMail(session, { uid: 1, size: mail.length, receivedAt: null, headers: new Uint8Array(), structure }, { attachmentBytes }, ({ name }) => Effect.succeed(name))
  return { read, structure: tree.structure, fetched }
}

const twoPdfs = Buffer.from(mailWith({ attachments: [{ name: "a.pdf", bytes: somePdf() }, { name: "b.pdf", bytes: somePdf(800_000) }] }))

describe("reading a mail", () => {
  it.effect("fetches the parts that may be invoices and never the text", () =>
    Effect.gen(function*() {
      const { fetched, read, structure } = serverWith(twoPdfs)
      assert.deepStrictEqual((yield* read(structure)).kept, ["a.pdf", "b.pdf"])
      assert.deepStrictEqual([...new Set(fetched)], ["2", "3"])
    }))

  it.effect("reads the mail itself where the server's description of it is no use", () =>
    Effect.gen(function*() {
      const { fetched, read } = serverWith(twoPdfs)
      assert.deepStrictEqual((yield* read(null)).kept, ["a.pdf", "b.pdf"])
      assert.deepStrictEqual(fetched, [""])
    }))

  it.effect("knows a mail that was deleted in between from a part that the server keeps back", () =>
    Effect.gen(function*() {
      const kept = serverWith(twoPdfs, { without: "2" })
      const found = yield* kept.read(kept.structure)
      assert.deepStrictEqual([found.isGone, found.kept, found.skipped.map(({ reasonCode }) => reasonCode)], [false, ["b.pdf"], ["part-missing"]])
      const gone = serverWith(twoPdfs, { without: "2", isThere: false })
      assert.isTrue((yield* gone.read(gone.structure)).isGone)
    }))

  it.effect("leaves out what is larger than the mailbox lets in", () =>
    Effect.gen(function*() {
      const { read, structure } = serverWith(twoPdfs)
      const found = yield* read(structure, 100_000)
      assert.deepStrictEqual([found.kept, found.skipped.map(({ name, reasonCode }) => `${name}: ${reasonCode}`)], [["a.pdf"], ["b.pdf: too-large"]])
    }))
})
