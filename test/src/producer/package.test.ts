import { execFileSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import * as path from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { type InstalledPackage, installPackage } from "../../support/installedPackage.ts"

/** A caller with no more than the module: a transaction that writes down what it is asked. */
const caller = `
import { emitEvent, enqueueInvoiceProcessing, fromKnex, fromPrisma, processAgain, ProducerError, QUEUE_NAMES, type Transaction } from "tt-worker/producer"
declare const process: { readonly stdout: { write(text: string): void } }
const said: Array<unknown> = []
const tx: Transaction = {
  query: async (sql, parameters) => {
    said.push(parameters)
    return { rows: [{ jobId: "j", outcome: "not-found", eventId: "evt_1", deliveryIds: "" }] }
  }
}
const main = async () => {
  said.push(await enqueueInvoiceProcessing(tx, { invoiceId: "i", tenantId: "t" }))
  said.push(await emitEvent(fromPrisma({ $queryRawUnsafe: (sql, ...values) => tx.query(sql, values) }), { tenantId: "t", event: "a.b", payload: { x: 1 } }))
  said.push((await processAgain(fromKnex({ raw: (sql, values) => tx.query(sql, values) }), { invoiceId: "i", tenantId: "t" })).outcome)
  try {
    await emitEvent(tx, { tenantId: "", event: "a.b", payload: {} })
  } catch (error) {
    said.push(error instanceof ProducerError && error.code)
  }
  process.stdout.write(JSON.stringify([QUEUE_NAMES.WEBHOOK_DELIVERY, ...said]))
}
void main()
// @ts-expect-error a job without its tenant
void (() => enqueueInvoiceProcessing(tx, { invoiceId: "i" }))
`
const said = JSON.stringify([
  "webhook-delivery",
  ["invoice-processing", `{"invoiceId":"i","tenantId":"t"}`, null, "t", "0", null],
  "j",
  ["t", "a.b", `{"x":1}`, null, null, null],
  { eventId: "evt_1", deliveryIds: [] },
  ["t", "i", null],
  "not-found",
  "argument-invalid"
])

describe("the producer module, installed where nothing else is", () => {
  let installed: InstalledPackage
  beforeAll(() => {
    installed = installPackage(["src/contract", "src/producer"])
  })
  afterAll(() => installed.remove())

  for (
    const [file, compiled, ...options] of [
      ["required.cts", "required.cjs", "--module", "node16"],
      ["usual.ts", "usual.js", "--module", "commonjs", "--moduleResolution", "bundler"],
      ["imported.mts", "imported.mjs", "--module", "nodenext"],
      ["bundled.mts", "bundled.mjs", "--module", "esnext", "--moduleResolution", "bundler"]
    ] as const
  ) {
    it(`is typed and runs for ${options.join(" ")} in ${path.extname(file)}, also where ES modules cannot be required`, () => {
      writeFileSync(path.join(installed.api, file), caller)
      execFileSync(process.execPath, [installed.tsc, file, "--ignoreConfig", "--strict", "--target", "es2023", ...options], { cwd: installed.api, stdio: "pipe" })
      const output = execFileSync(process.execPath, ["--no-experimental-require-module", compiled], { cwd: installed.api, encoding: "utf8" })
      assert.strictEqual(output, said)
    })
  }
})
