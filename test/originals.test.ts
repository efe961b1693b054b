import { assert, describe, it } from "@effect/vitest"
import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { join } from "node:path"
import { statementsIn } from "./support/sqlStatements.ts"

const root = fileURLToPath(new URL("..", import.meta.url))
const sources = ["src", "programs", "layers"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => ({ file: `${folder}/${file}`, text: readFileSync(join(root, folder, file), "utf8") })))
const saying = (what: RegExp, within = "") => sources.filter(({ file, text }) => file.startsWith(within) && what.test(text)).map(({ file }) => file)

describe("originals", () => {
  it("are deleted by erasing a tenant alone", () => {
    // In the storage's folder: the removal of a key's file, what a cut-off write left beside, the doctor's own probe, and what
    // has come in and has no key yet.
    assert.sameMembers(saying(/\b(unlink|rm|rmdir)\(|DeleteObject/, "layers/storage/"), [
      "layers/storage/FileErasure.ts",
      "layers/storage/diskFiles.ts",
      "layers/storage/diskRoot.ts",
      "layers/storage/lookAtStorage.ts",
      "layers/storage/spool.ts"
    ])
    assert.deepStrictEqual(saying(/\bremoveFile\(/).filter((file) => file !== "layers/storage/diskFiles.ts"), ["layers/storage/FileErasure.ts"])
    assert.deepStrictEqual(saying(/DeleteObject/).filter((file) => !file.startsWith("layers/storage/")), [])
    // Who is given the means, and who uses it.
    assert.sameMembers(saying(/\bFileErasure\b/, "src/"), ["src/erasure/eraseTenant.ts", "src/services/TenantErasure.ts"])
    assert.deepStrictEqual(saying(/\bFileErasure\b/, "programs/"), [])
    assert.deepStrictEqual(saying(/\beraseTenant\(/).filter((file) => file !== "src/erasure/eraseTenant.ts"), ["programs/cli/tenant.ts"])
  })

  it("are written once: by the import of a mail under a key made of tenant, year, month and id, and by the demo", () => {
    assert.sameMembers([...saying(/\bstorage\.put\(|\bstore\(key/, "src/"), ...saying(/\bstorage\.put\(|\bstore\(key/, "programs/")], ["src/pipeline/mail/keepAttachment.ts", "programs/cli/demo/demo.ts"])
    for (const file of ["src/pipeline/mail/keepAttachment.ts", "programs/cli/demo/demo.ts"]) {
      assert.match(sources.find((one) => one.file === file)?.text ?? "", /`\$\{tenantId\}\/\$\{year\}\/\$\{month\}\/\$\{\w+\}`/, file)
    }
  })

  it("keep their first record: nothing updates what was received", () => {
    const statements = statementsIn(join(root, "layers/postgres"), (file) => file.includes("/migrations/")).filter(({ text }) => text.includes("tt_worker.received_files"))
    assert.isAbove(statements.length, 1)
    for (const { text } of statements) assert.notMatch(text, /UPDATE tt_worker\.received_files|received_files[^;]*DO UPDATE/)
  })
})

describe("the API's settings", () => {
  it("are written by no statement but the operator's own change of keys, and the demo's firm", () => {
    const writes = statementsIn(join(root, "layers"), () => false).filter(({ text }) => /\b(UPDATE|INSERT INTO)\s+(tenants|tenant_users)\b/.test(text))
    assert.deepStrictEqual(writes.map(({ file }) => file.replace(/.*\//, "")).sort(), ["PostgresDemoApi.ts", "PostgresStoredMailSecrets.ts"])
    // Functions of the migrations, which the API calls, write none either.
    for (const { text } of statementsIn(join(root, "layers/postgres/migrations"), () => false)) {
      assert.notMatch(text, /\bSET\s+"?(features|emailSettings|automations)"?\s*=/)
    }
    assert.deepStrictEqual(saying(/\breplaceSettings\(/).filter((file) => !file.startsWith("layers/") && !file.startsWith("src/services/")), ["src/pipeline/mail/rotateKeys.ts"])
  })
})
