import { execFileSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { QUEUE_NAMES, RECOMMENDED_JOB_OPTIONS } from "../../../src/contract/index.ts"
import { jobSchemas } from "../../../src/contract/jobSchemas.ts"
import { type InstalledPackage, installPackage } from "../../support/installedPackage.ts"

const root = fileURLToPath(new URL("../../../", import.meta.url))
const packageJson = readFileSync(path.join(root, "package.json"), "utf8")
const { typesVersions } = Schema.decodeUnknownSync(Schema.fromJsonString(Schema.Struct({
  typesVersions: Schema.Struct({ "*": Schema.Struct({ contract: Schema.Tuple([Schema.String]) }) })
})))(packageJson)

const producer = `
import { type JobDataByQueue, QUEUE_NAMES, type QueueName, RECOMMENDED_JOB_OPTIONS } from "tt-worker/contract"
declare const process: { readonly stdout: { write(text: string): void } }
const add = <Q extends QueueName>(queue: Q, data: JobDataByQueue[Q]) => [queue, data, RECOMMENDED_JOB_OPTIONS.attempts]
process.stdout.write(JSON.stringify(add(QUEUE_NAMES.INVOICE_PROCESSING, { invoiceId: "i", tenantId: "t" })))
// @ts-expect-error a job without its tenant
add(QUEUE_NAMES.INVOICE_PROCESSING, { invoiceId: "i" })
`
const said = JSON.stringify(["invoice-processing", { invoiceId: "i", tenantId: "t" }, RECOMMENDED_JOB_OPTIONS.attempts])

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
    const code = readFileSync(path.join(root, "src/contract/index.ts"), "utf8").replace(/\/\*[^]*?\*\//g, "")
    assert.notMatch(code, /\b(import|require|from)\b/)
  })

  describe("built, and installed where nothing else is", () => {
    let installed: InstalledPackage

    const compile = (file: string, ...options: ReadonlyArray<string>) => {
      writeFileSync(path.join(installed.api, file), producer)
      execFileSync(process.execPath, [installed.tsc, file, "--ignoreConfig", "--strict", "--target", "es2023", ...options], { cwd: installed.api, stdio: "pipe" })
    }
    const run = (file: string) =>
      execFileSync(process.execPath, ["--no-experimental-require-module", file], { cwd: installed.api, encoding: "utf8" })

    beforeAll(() => {
      installed = installPackage(["src/contract", "src/producer"])
    })
    afterAll(() => installed.remove())

    for (
      const [file, compiled, ...options] of [
        ["required.cts", "required.cjs", "--module", "node16"],
        ["required-now.cts", "required-now.cjs", "--module", "nodenext"],
        ["usual.ts", "usual.js", "--module", "commonjs", "--moduleResolution", "bundler"],
        ["imported.mts", "imported.mjs", "--module", "node16"],
        ["imported-now.mts", "imported-now.mjs", "--module", "nodenext"],
        ["bundled.mts", "bundled.mjs", "--module", "esnext", "--moduleResolution", "bundler"]
      ] as const
    ) {
      it(`is typed and runs for ${options.join(" ")} in ${path.extname(file)}, also where ES modules cannot be required`, () => {
        compile(file, ...options)
        assert.strictEqual(run(compiled), said)
      })
    }

    it("names its types to a compiler that knows no exports (moduleResolution node10)", () => {
      const types = readFileSync(path.join(installed.api, "node_modules/tt-worker", typesVersions["*"].contract[0]), "utf8")
      for (const name of ["InvoiceProcessingJobData", "EmailSyncJobData", "AutomationJobData", "WebhookDeliveryJobData"]) {
        assert.include(types, `export interface ${name} {`)
      }
      assert.notMatch(types.replace(/\/\*[^]*?\*\//g, ""), /\b(import|from)\b/)
    })
  })
})
