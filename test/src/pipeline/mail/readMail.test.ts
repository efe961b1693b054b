import { assert, layer } from "@effect/vitest"
import { Effect, Fiber, Semaphore, Stream } from "effect"
import { TestClock } from "effect/testing"
import { createHash } from "node:crypto"
import { type FoundFile, LargeContainers, readMail } from "../../../../src/pipeline/mail/readMail.ts"
import type { MailStructure } from "../../../../src/mail/MailStructure.ts"
import { readMimeTree } from "../../../../src/mail/readMimeTree.ts"
import { leavesOf } from "../../../../src/mail/sections.ts"
import { type MailSession, PartError } from "../../../../src/services/MailServers.ts"
import { jpeg } from "../../../support/mail/files.ts"
import { zip } from "../../../support/mail/zips.ts"
import { mailWith, somePdf } from "../../../support/mails.ts"
import { ownStorage } from "../../../support/mailServices.ts"

/** Bytes of an answer. */
const window = 64 * 1024

/** A server that has this mail, and says of each section what the test wants. */
const serverWith = (mail: Buffer, change: { readonly without?: string; readonly isThere?: boolean } = {}) => {
  const tree = readMimeTree(mail)
  const leaves = new Map(leavesOf(tree.structure).leaves.map(({ node, section }) => [section, tree.bodyOf(node)]))
  const fetched: Array<string> = []
  const bytesOf = (section: string, from: number, to: number): Uint8Array | null => {
    const bytes = section === "" ? mail : leaves.get(section)
    if (bytes === undefined || section === change.without) return null
    fetched.push(`${section}<${from}>`)
    return bytes.subarray(from, to)
  }
  const session: Pick<MailSession, "list" | "start" | "rest" | "reaching"> = {
    list: () => Effect.succeed(change.isThere === false ? [] : [1]),
    start: (_uid, section, most) => Effect.sync(() => bytesOf(section, 0, most)).pipe(Effect.map((bytes) => bytes === null ? null : { bytes, header: new Uint8Array() })),
    rest: (_uid, section, { from, maxBytes }) => {
      const all = leaves.get(section)?.length ?? 0
      const pieces = Array.from({ length: Math.ceil((all - from) / window) }, (_, n) => bytesOf(section, from + n * window, from + (n + 1) * window) ?? new Uint8Array())
      return Stream.concat(Stream.fromIterable(pieces), all > maxBytes ? Stream.fail(new PartError({ reason: "too-large" })) : Stream.empty)
    },
    reaching: (_uid, places) => Effect.sync(() => new Set(places.filter(({ offset, section }) => (bytesOf(section, offset, offset + 1)?.length ?? 0) > 0).map(({ section }) => section)))
  }
  const keep = ({ content, name }: FoundFile) =>
    Effect.map(Stream.runFold(content, () => createHash("sha256"), (hash, bytes) => hash.update(bytes)), (hash) => ({ name, sha256: hash.digest("hex") }))
  const read = (structure: MailStructure | null, attachmentBytes = 20_000_000) =>
    readMail(session, { uid: 1, size: mail.length, receivedAt: null, headers: new Uint8Array(), structure }, { attachmentBytes }, keep).pipe(
      Effect.map(({ kept, ...found }) => ({ ...found, kept: kept.map(({ name }) => name), hashes: kept.map(({ sha256 }) => sha256) }))
    )
  return { read, structure: tree.structure, fetched }
}

/** The structure with another size for its parts of this type. */
const claiming = (structure: MailStructure, type: string, size: number): MailStructure => ({
  ...structure,
  ...(structure.type === type ? { size } : {}),
  ...(structure.childNodes === undefined ? {} : { childNodes: structure.childNodes.map((child) => claiming(child, type, size)) })
})

const hash = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")
const large = somePdf(800_000)
const small = somePdf()
const twoPdfs = Buffer.from(mailWith({ attachments: [{ name: "a.pdf", bytes: small }, { name: "b.pdf", bytes: large }] }))

layer(ownStorage)("reading a mail", (it) => {
  it.effect("fetches the parts that may be invoices and never the text", () =>
    Effect.gen(function*() {
      const { fetched, read, structure } = serverWith(twoPdfs)
      const { hashes, kept } = yield* read(structure)
      assert.deepStrictEqual(kept, ["a.pdf", "b.pdf"])
      assert.deepStrictEqual(hashes, [hash(small), hash(large)])
      assert.deepStrictEqual([...new Set(fetched.map((one) => one.replace(/<.*/, "")))], ["2", "3"])
    }))

  it.effect("takes a large file in pieces, and asks for no more of what is none", () =>
    Effect.gen(function*() {
      const video = Buffer.concat([Buffer.from("\0\0\0 ftypmp42"), Buffer.alloc(3_000_000, 7)])
      const { fetched, read, structure } = serverWith(Buffer.from(mailWith({ attachments: [{ name: "b.pdf", bytes: large }, { name: "v.mp4", type: "video/mp4", bytes: video }] })))
      assert.deepStrictEqual((yield* read(structure)).hashes, [hash(large)])
      assert.isAbove(fetched.filter((one) => one.startsWith("2<")).length, 10)
      assert.deepStrictEqual(fetched.filter((one) => one.startsWith("3<")), ["3<0>"])
    }))

  it.effect("does not go by the sizes that the server says", () =>
    Effect.gen(function*() {
      const photo = jpeg(3_000, 4_000, 60_000)
      const { read, structure } = serverWith(Buffer.from(mailWith({ attachments: [{ name: "a.pdf", bytes: small }, { name: "p.jpg", type: "image/jpeg", bytes: photo }] })))
      for (const size of [0, 1, 500, 100_000, 100_000_000, 4_000_000_000]) {
        const lied = yield* read(claiming(claiming(structure, "application/pdf", size), "image/jpeg", size))
        assert.deepStrictEqual([...lied.hashes].sort(), [hash(small), hash(photo)].sort(), `${size} bytes`)
        assert.deepStrictEqual(lied.skipped, [])
      }
      const empty = serverWith(Buffer.from(mailWith({ attachments: [{ name: "a.pdf", bytes: Buffer.alloc(0) }] })))
      assert.deepStrictEqual((yield* empty.read(claiming(empty.structure, "application/pdf", 0))).skipped.map(({ reasonCode }) => reasonCode), ["empty"])
    }))

  it.effect("takes a file of the most bytes that are let in, and none with one more", () =>
    Effect.gen(function*() {
      for (const more of [0, 1]) {
        const file = Buffer.concat([somePdf(), Buffer.alloc(20 * 1024 * 1024)]).subarray(0, 20 * 1024 * 1024 + more)
        const { read, structure } = serverWith(Buffer.from(mailWith({ attachments: [{ name: "a.pdf", bytes: file }, { name: "b.pdf", bytes: small }] })))
        const { hashes, skipped } = yield* read(structure, 20 * 1024 * 1024)
        assert.deepStrictEqual(hashes, more === 0 ? [hash(file), hash(small)] : [hash(small)])
        assert.deepStrictEqual(skipped.map(({ reasonCode }) => reasonCode), more === 0 ? [] : ["too-large"])
      }
    }))

  it.effect("takes a large archive apart when it is its turn", () =>
    Effect.gen(function*() {
      const archive = zip([{ name: "a.pdf", bytes: somePdf(2_000_000), isStored: true }, { name: "b.pdf", bytes: small }])
      const { read, structure } = serverWith(Buffer.from(mailWith({ attachments: [{ name: "x.zip", type: "application/zip", bytes: archive }] })))
      const turns = yield* Semaphore.make(1)
      yield* turns.take(1)
      const reading = yield* Effect.forkChild(Effect.provideService(read(structure), LargeContainers, turns))
      yield* TestClock.withLive(Effect.sleep("300 millis"))
      assert.isUndefined(reading.pollUnsafe())
      yield* turns.release(1)
      assert.deepStrictEqual((yield* Fiber.join(reading)).kept, ["a.pdf", "b.pdf"])
    }))

  it.effect("reads the mail itself where the server's description of it is no use", () =>
    Effect.gen(function*() {
      const { fetched, read } = serverWith(twoPdfs)
      assert.deepStrictEqual((yield* read(null)).kept, ["a.pdf", "b.pdf"])
      assert.deepStrictEqual(fetched, ["<0>"])
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
