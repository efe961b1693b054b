import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import * as DiskStorage from "../../../layers/storage/DiskStorage.ts"
import * as Erasure from "../../../layers/storage/FileErasure.ts"
import * as S3Storage from "../../../layers/storage/S3Storage.ts"
import { TenantId } from "../../../src/domain/ids.ts"
import { ObjectStorage } from "../../../src/services/ObjectStorage.ts"
import { FileErasure } from "../../../src/services/TenantErasure.ts"
import { startS3 } from "../../emulators/s3.ts"
import { tempDir } from "../../support/tempDir.ts"
import { failureOf, key, noise } from "./conformance.ts"

const onDisk = Layer.unwrap(Effect.map(tempDir, (folder) => {
  const root = `${folder}/files`
  return Layer.merge(DiskStorage.layer({ root }), Erasure.onDisk({ root }))
}))

const inS3 = Layer.unwrap(Effect.map(startS3, ({ account, bucket, endpoint }) => {
  const options = {
    endpoint,
    bucket,
    accessKeyId: Redacted.make(account.accessKeyId),
    secretAccessKey: Redacted.make(account.secretAccessKey),
    forcePathStyle: true
  }
  return Layer.merge(S3Storage.layer(options), Erasure.inS3(options))
}))

for (const [name, layer] of [["on disk", onDisk], ["in S3", inS3]] as const) {
  describe(`erasing a file ${name}`, () => {
    it.live("removes it and its neighbour not, says whether it was there, and leaves the storage for no key", () =>
      Effect.gen(function*() {
        const files = yield* ObjectStorage
        const { erase } = yield* FileErasure
        for (const one of ["t/2026/11/a", "t/2026/11/b"]) yield* files.put(key(one), noise(10), "image/png")
        assert.isTrue(yield* erase(key("t/2026/11/a")))
        assert.isFalse(yield* erase(key("t/2026/11/a")))
        assert.strictEqual((yield* failureOf(files.head(key("t/2026/11/a")))).code, "file-missing")
        assert.strictEqual((yield* files.head(key("t/2026/11/b"))).size, 10)
        for (const leaving of ["../../etc/hostname", "t/../../x", "t/2026/11"]) assert.isFalse(yield* erase(key(leaving)), leaving)
        assert.strictEqual((yield* files.head(key("t/2026/11/b"))).size, 10)
      }).pipe(Effect.provide(layer)))

    it.live("finds what is under a tenant's id, and nobody else's", () =>
      Effect.gen(function*() {
        const files = yield* ObjectStorage
        const { erase, tidy, under } = yield* FileErasure
        for (const one of ["t1/2026/11/a", "t1/b", "t10/2026/11/a", "x/t1/a"]) yield* files.put(key(one), noise(10), "image/png")
        const found = yield* under(TenantId.make("t1"))
        assert.sameMembers([...found], ["t1/2026/11/a", "t1/b"])
        for (const one of found) yield* erase(one)
        yield* tidy(TenantId.make("t1"))
        for (const nobody of ["t1", "t2", "..", "."]) assert.deepStrictEqual([...yield* under(TenantId.make(nobody))], [])
        assert.strictEqual((yield* files.head(key("t10/2026/11/a"))).size, 10)
      }).pipe(Effect.provide(layer)))
  })
}
