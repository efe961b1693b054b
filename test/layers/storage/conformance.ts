import { assert, it } from "@effect/vitest"
import { Duration, Effect, Exit, type Layer, Option, Redacted, Schema, Stream } from "effect"
import { createHash } from "node:crypto"
import { StorageKey } from "../../../src/domain/ids.ts"
import { ObjectStorage, type StorageError } from "../../../src/services/ObjectStorage.ts"

export const key = Schema.decodeSync(StorageKey)

/** Bytes that no text handling leaves alone, of any size. */
export const noise = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, index) => (index * 7919 + (index >> 8) * 31) & 0xff)

/** The error that an effect must end with. */
export const failureOf = <A, R>(effect: Effect.Effect<A, StorageError, R>): Effect.Effect<StorageError, never, R> =>
  Effect.flip(effect).pipe(Effect.catch(() => Effect.die("it should have failed")))

const limit = { maxBytes: 1_000_000 }
const leaving = [
  "../secret", "a/../../secret", "a/..", "..", "./a", "/etc/../etc/passwd", "a\0b", "tenant/\uD800", "invoices/../../other/x"
]

/** What every ObjectStorage does. `it` bodies run with real time: real sockets answer them. */
export const objectStorageConformance = (storage: Layer.Layer<ObjectStorage, unknown>): void => {
  const test = (name: string, body: Effect.Effect<void, StorageError, ObjectStorage>) =>
    it.live(name, () => body.pipe(Effect.provide(storage)))

  for (const name of ["tenant/2026/11/cm3x9", "plain", "un dossier/Facture n° 12 – été.pdf", "发票/請求書 (1).jpg", "a+b=c&d?e#f%2e%2e/ü;,'!*"]) {
    test(`gives back the very bytes that were put under "${name}"`, Effect.gen(function*() {
      const files = yield* ObjectStorage
      const bytes = noise(300_001)
      yield* files.put(key(name), bytes, "image/jpeg")
      assert.deepStrictEqual(yield* files.download(key(name), limit), bytes)
      assert.strictEqual((yield* files.head(key(name))).size, 300_001)
    }))
  }

  test("keeps an empty file", Effect.gen(function*() {
    const files = yield* ObjectStorage
    yield* files.put(key("empty"), new Uint8Array(0), "application/pdf")
    assert.strictEqual((yield* files.download(key("empty"), limit)).length, 0)
    assert.strictEqual((yield* files.head(key("empty"))).size, 0)
  }))

  test("replaces a file whole", Effect.gen(function*() {
    const files = yield* ObjectStorage
    yield* files.put(key("again"), noise(5000), "image/png")
    yield* files.put(key("again"), noise(10), "image/png")
    assert.deepStrictEqual(yield* files.download(key("again"), limit), noise(10))
  }))

  test("takes in what comes piece by piece, tells what it was, and puts it where it is told", Effect.scoped(Effect.gen(function*() {
    const files = yield* ObjectStorage
    const bytes = noise(1_300_001)
    const pieces = Array.from({ length: 13 }, (_, n) => bytes.subarray(n * 100_003, (n + 1) * 100_003))
    const received = yield* files.receive(Stream.fromIterable(pieces))
    assert.deepStrictEqual([received.size, received.sha256], [1_300_001, createHash("sha256").update(bytes).digest("hex")])
    assert.deepStrictEqual(new Uint8Array(yield* received.read), bytes)
    yield* received.store(key("tenant/2026/received"), "application/pdf")
    // Tried again, as after an answer that was lost.
    yield* received.store(key("tenant/2026/received"), "application/pdf")
    assert.deepStrictEqual(yield* files.download(key("tenant/2026/received"), { maxBytes: 2_000_000 }), bytes)
    const empty = yield* files.receive(Stream.empty)
    yield* empty.store(key("received/empty"), "application/pdf")
    assert.strictEqual((yield* files.head(key("received/empty"))).size, 0)
    assert.strictEqual((yield* failureOf(empty.store(key("../secret"), "image/png"))).reason._tag, "NotFound")
  })))

  test("fails as the bytes do, and keeps nothing of them", Effect.gen(function*() {
    const files = yield* ObjectStorage
    const broken = yield* Effect.exit(Effect.scoped(files.receive(Stream.concat(Stream.make(noise(10)), Stream.fail("cut")))))
    assert.deepStrictEqual(Exit.findErrorOption(broken), Option.some("cut"))
  }))

  test("serves many downloads at the same time", Effect.gen(function*() {
    const files = yield* ObjectStorage
    const sizes = Array.from({ length: 20 }, (_, index) => 1000 * index)
    yield* Effect.forEach(sizes, (size) => files.put(key(`many/${size}`), noise(size), "image/png"), { concurrency: 5 })
    const all = yield* Effect.forEach(sizes, (size) => files.download(key(`many/${size}`), limit), { concurrency: 20 })
    assert.deepStrictEqual(all.map((bytes) => bytes.length), sizes)
  }))

  test("says that a file is missing, on download and head", Effect.gen(function*() {
    const files = yield* ObjectStorage
    assert.strictEqual((yield* failureOf(files.download(key("tenant/none"), limit))).code, "file-missing")
    assert.strictEqual((yield* failureOf(files.head(key("tenant/none")))).code, "file-missing")
  }))

  test("accepts a file of exactly the limit and refuses one byte more", Effect.gen(function*() {
    const files = yield* ObjectStorage
    yield* files.put(key("limit"), noise(4096), "image/png")
    assert.strictEqual((yield* files.download(key("limit"), { maxBytes: 4096 })).length, 4096)
    const error = yield* failureOf(files.download(key("limit"), { maxBytes: 4095 }))
    assert.deepInclude(error.reason, { _tag: "TooLarge", limit: 4095, size: 4096 })
  }))

  test("finds nothing under keys that leave the storage, and stores nothing there", Effect.gen(function*() {
    const files = yield* ObjectStorage
    for (const name of leaving) {
      const attempts: ReadonlyArray<Effect.Effect<unknown, StorageError>> = [
        files.presignGet(key(name), Duration.minutes(1)),
        files.download(key(name), limit),
        files.head(key(name)),
        files.put(key(name), noise(3), "image/png")
      ]
      for (const attempt of attempts) assert.strictEqual((yield* failureOf(attempt)).reason._tag, "NotFound", JSON.stringify(name))
    }
  }))

  test("presigns a URL that anyone can read without credentials, and nothing else", Effect.gen(function*() {
    const files = yield* ObjectStorage
    yield* files.put(key("signed/one"), noise(100), "image/png")
    yield* files.put(key("signed/two"), noise(100), "image/png")
    const url = Redacted.value(yield* files.presignGet(key("signed/one"), Duration.minutes(1)))
    const status = (target: string, method = "GET") =>
      Effect.promise(() => fetch(target, { method }).then(async (answer) => (await answer.arrayBuffer(), answer.status)))
    assert.strictEqual(yield* status(url), 200)
    assert.strictEqual(yield* status(url.replace("signed/one", "signed/two")), 403)
    assert.strictEqual(yield* status(url.replace(/(signature=)(.)/i, (_, name: string, digit: string) => name + (digit === "0" ? "1" : "0"))), 403)
    assert.strictEqual(yield* status(url.replace(/(expires=)(\d)/i, (_, name: string, digit: string) => name + (Number(digit) % 9 + 1))), 403)
    assert.strictEqual(yield* status(url.split("?")[0] ?? ""), 403)
    assert.notStrictEqual(yield* status(url, "PUT"), 200)
    assert.notStrictEqual(yield* status(url, "DELETE"), 200)
    assert.strictEqual(yield* status(url), 200)
  }))

  test("lets a URL expire", Effect.gen(function*() {
    const files = yield* ObjectStorage
    yield* files.put(key("brief"), noise(100), "image/png")
    const url = Redacted.value(yield* files.presignGet(key("brief"), Duration.seconds(1)))
    yield* Effect.sleep("2100 millis")
    assert.strictEqual((yield* Effect.promise(() => fetch(url))).status, 403)
  }))

  test("shows a presigned URL to nobody who prints it", Effect.gen(function*() {
    const files = yield* ObjectStorage
    const url = yield* files.presignGet(key("printed"), Duration.minutes(1))
    assert.notInclude(`${url} ${JSON.stringify({ url })}`, "http")
    const exit = yield* Effect.exit(files.download(key("printed"), limit))
    assert.notMatch(JSON.stringify(exit) + String(Option.getOrNull(Exit.getCause(exit))), /signature|http:/i)
  }))
}
