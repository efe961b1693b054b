import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { QUEUE_NAMES, RECOMMENDED_JOB_OPTIONS } from "../../../src/contract/index.ts"
import { jobSchemas } from "../../../src/contract/jobSchemas.ts"

const root = fileURLToPath(new URL("../../../", import.meta.url))
const source = path.join(root, "src/contract/index.ts")

describe("the contract", () => {
  it("names the four queues as the API does", () => {
    assert.deepStrictEqual({ ...QUEUE_NAMES }, {
      INVOICE_PROCESSING: "invoice-processing",
      EMAIL_SYNC: "email-sync",
      AUTOMATION: "automation",
      WEBHOOK_DELIVERY: "webhook-delivery"
    })
    assert.sameMembers(Object.keys(jobSchemas), Object.values(QUEUE_NAMES))
  })

  it("recommends exponential retries, and keeps failed jobs where they can be inspected", () => {
    assert.deepInclude(RECOMMENDED_JOB_OPTIONS, { attempts: 5, backoff: { type: "exponential", delay: 2_000, jitter: 0.5 } })
    assert.isAtLeast(RECOMMENDED_JOB_OPTIONS.removeOnFail.age, 7 * 86_400)
  })

  it("imports nothing", () => {
    const code = readFileSync(source, "utf8").replace(/\/\*[^]*?\*\//g, "")
    assert.notMatch(code, /\b(import|require|from)\b/)
  })

  describe("compiled", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "tt-worker-contract-"))
    beforeAll(() => {
      execFileSync(process.execPath, [
        path.join(root, "node_modules/typescript/bin/tsc"),
        source,
        ..."--ignoreConfig --target es2023 --module nodenext --declaration --outDir".split(" "),
        folder
      ])
      writeFileSync(path.join(folder, "package.json"), "{\"type\":\"module\"}")
      writeFileSync(path.join(folder, "producer.cjs"), "process.stdout.write(require('./index.js').QUEUE_NAMES.INVOICE_PROCESSING)")
    })
    afterAll(() => rmSync(folder, { recursive: true }))

    it("can be required from CommonJS where nothing else is installed", () => {
      const said = execFileSync(process.execPath, [path.join(folder, "producer.cjs")], { cwd: folder, encoding: "utf8" })
      assert.strictEqual(said, "invoice-processing")
    })

    it("types the job data, without a package either", () => {
      const types = readFileSync(path.join(folder, "index.d.ts"), "utf8")
      for (const name of ["InvoiceProcessingJobData", "EmailSyncJobData", "AutomationJobData", "WebhookDeliveryJobData"]) {
        assert.include(types, `export interface ${name} {`)
      }
      assert.notMatch(types.replace(/\/\*[^]*?\*\//g, ""), /\b(import|from)\b/)
    })
  })
})
