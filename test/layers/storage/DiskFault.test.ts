import { assert, describe, it } from "@effect/vitest"
import { DiskFault } from "../../../layers/storage/DiskFault.ts"

const kindOf = (code: string) => DiskFault.from(Object.assign(new Error("file operation"), { code })).kind

describe("a file operation that failed", () => {
  it.each(["ENOENT", "ENOTDIR", "EISDIR", "ENAMETOOLONG"])("means that there is no such file: %s", (code) => {
    assert.strictEqual(kindOf(code), "missing")
  })

  it.each(["EACCES", "EPERM", "EROFS"])("means that it is not allowed: %s", (code) => {
    assert.strictEqual(kindOf(code), "denied")
  })

  // Disks behind a network, and a machine out of handles or memory.
  it.each(["EIO", "ESTALE", "ENOTCONN", "ETIMEDOUT", "EHOSTDOWN", "ENODEV", "EMFILE", "ENOSPC"])("says nothing of the file, so that it is tried again: %s", (code) => {
    assert.strictEqual(kindOf(code), "passing")
  })

  it("says nothing of the file without a code", () => {
    assert.strictEqual(DiskFault.from("?").kind, "passing")
  })
})
