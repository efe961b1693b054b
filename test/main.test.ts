import { describe, expect, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { execFileSync } from "node:child_process"
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { tempDir } from "./support/tempDir.ts"
import { runWorker, startWorker } from "./support/worker.ts"

const sample = (name: string): string => fileURLToPath(new URL(`../samples/${name}`, import.meta.url))
const opsUrl = /http:\/\/127\.0\.0\.1:\d+/

const processesOn = (folder: string): ReadonlyArray<string> => {
  const commands = existsSync("/proc/self/cmdline")
    ? readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map((pid) => commandOf(`/proc/${pid}/cmdline`))
    : execFileSync("ps", ["-axo", "args"], { encoding: "utf8" }).split("\n")
  return commands.filter((command) => command.includes(folder))
}

/** Empty for a process that has ended meanwhile. */
const commandOf = (file: string): string => existsSync(file) ? readFileSync(file, "utf8").replaceAll("\0", " ") : ""

describe("the worker as a process", () => {
  it.live("starts on nothing, says what each service is and which variable changes it, answers for its health, and stops with 0", () =>
    Effect.gen(function*() {
      const folder = yield* tempDir
      const worker = yield* startWorker(folder, [])
      const said = yield* worker.says("Ready after")
      for (const word of ["embedded PostgreSQL", "DATABASE_URL", "REDIS_URL", "S3_BUCKET", "Tesseract", "GOOGLE_APPLICATION_CREDENTIALS", "OPENAI_API_KEY"]) {
        expect(said).toContain(word)
      }
      const url = opsUrl.exec(said)?.[0]
      const live = yield* Effect.promise(() => fetch(`${url}/health/live`))
      const ready = yield* Effect.promise(() => fetch(`${url}/health/ready`))
      expect([live.status, ready.status]).toEqual([200, 200])

      worker.child.kill("SIGTERM")
      const { status, stderr } = yield* worker.ended
      expect(status).toBe(0)
      expect(stderr.match(/drained: 0 finished, 0 handed back/g)).toHaveLength(1)
      expect(processesOn(folder)).toEqual([])
    }))

  it.live("tells a second supervisor on the same data folder, in one line, that the first is running", () =>
    Effect.gen(function*() {
      const folder = yield* tempDir
      const first = yield* startWorker(folder, [])
      yield* first.says("Ready after")
      const second = yield* runWorker(folder, ["start"])
      expect(second.status).toBe(1)
      expect(second.stderr.trim().split("\n")).toHaveLength(1)
      expect(second.stderr).toContain(`pid ${first.child.pid}`)
      expect(second.stderr).toContain("DATA_DIR")
    }))

  it.live("goes on after kill -9: the job that was at work is done by the next process, and no server is left over", () =>
    Effect.gen(function*() {
      const folder = yield* tempDir
      const first = yield* startWorker(folder, [])
      yield* first.says("Ready after")
      const demo = yield* startWorker(folder, ["demo", sample("facture-photo.jpg")])
      yield* demo.says("Sending 1 document")
      yield* Effect.sleep("700 millis")
      first.child.kill("SIGKILL")
      yield* first.ended
      demo.child.kill("SIGKILL")

      const second = yield* startWorker(folder, [])
      const said = yield* second.says(/job \d+ completed/)
      expect(said).toContain("processed")
      second.child.kill("SIGTERM")
      expect((yield* second.ended).status).toBe(0)
      expect(processesOn(folder)).toEqual([])
    }))

  it.live("hands a job back at SIGTERM when the grace is over, and the next process ends it", () =>
    Effect.gen(function*() {
      const folder = yield* tempDir
      const first = yield* startWorker(folder, [], { SHUTDOWN_GRACE: "100 millis" })
      yield* first.says("Ready after")
      const demo = yield* startWorker(folder, ["demo", sample("facture-photo.jpg")])
      yield* demo.says("Sending 1 document")
      yield* Effect.sleep("700 millis")
      first.child.kill("SIGTERM")
      const { status, stderr } = yield* first.ended
      expect(status).toBe(0)
      expect(stderr).toContain("0 finished, 1 handed back")
      demo.child.kill("SIGKILL")

      const second = yield* startWorker(folder, [])
      yield* second.says(/job \d+ completed[^]*attempt: 1\b/)
    }))

  it.live("shows the samples going through the queue; all end as they should", () =>
    Effect.gen(function*() {
      const folder = yield* tempDir
      const { status, stderr, stdout } = yield* runWorker(folder, ["demo"])
      expect(stdout).toContain("All ended as they should.")
      expect(stdout).toContain("facture-abimee.pdf")
      expect(stdout).toMatch(/X-Signature-256: sha256=[0-9a-f]{64}\n/)
      expect(stdout).toContain("5 of 5 deliveries received, and their signatures verified.")
      expect(stderr).toBe("")
      expect(status).toBe(0)
    }))

  it.live("ends the demo of a damaged file of one's own with status 1", () =>
    Effect.gen(function*() {
      const folder = yield* tempDir
      const { status, stdout } = yield* runWorker(folder, ["demo", sample("facture-abimee.pdf")])
      expect(stdout).toContain("The file is damaged or incomplete")
      expect(status).toBe(1)
    }))
})

const Line = Schema.fromJsonString(Schema.Struct({
  file: Schema.String,
  source: Schema.optionalKey(Schema.Literals(["e-invoice", "pdf-text", "ocr"])),
  fields: Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown)),
  confidence: Schema.optionalKey(Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))),
  warnings: Schema.optionalKey(Schema.Array(Schema.Unknown)),
  error: Schema.optionalKey(Schema.Struct({ code: Schema.String, message: Schema.String }))
}))
const decodeLines = Schema.decodeUnknownEffect(Schema.Array(Line))

describe("extract", () => {
  it.live("gives one JSON line per file, needs no database, and goes on after a file that cannot be read", () =>
    Effect.gen(function*() {
      const folder = yield* tempDir
      const files = [sample("facture-facturx.pdf"), "missing.pdf", sample("facture-abimee.pdf"), sample("facture-texte.pdf")]
      const { status, stdout } = yield* runWorker(folder, ["extract", ...files, "--json"])
      const lines = yield* decodeLines(stdout.trim().split("\n"))
      expect(lines.map(({ file }) => file)).toEqual(files)
      expect(lines.map(({ error, source }) => error?.code ?? source)).toEqual(["e-invoice", "file-not-readable", "file-damaged", "pdf-text"])
      expect(lines[0]?.fields).toMatchObject({ invoiceNumber: "2026-03-0088", invoiceDate: "2026-03-18", amountTTC: "6458.95", currency: "EUR" })
      expect(status).toBe(1)
      expect(readdirSync(folder)).toEqual([])
    }))

  it.live("shows a table to people and ends with 0 when every file was read", () =>
    Effect.gen(function*() {
      const folder = yield* tempDir
      const { status, stdout } = yield* runWorker(folder, ["extract", sample("facture-xrechnung.xml")])
      expect(stdout).toContain("RE-2026-00731")
      expect(status).toBe(0)
    }))
})

describe("a configuration that is not usable", () => {
  it.live("is told whole, by variable, without the values, and nothing starts", () =>
    Effect.gen(function*() {
      const folder = yield* tempDir
      const { status, stderr } = yield* runWorker(folder, [], {
        OPS_PORT: "seventy",
        DATABASE_URL: "mysql://admin:hunter2@db/tt",
        S3_BUCKET: "invoices",
        INVOICE_CONCURRENCY: "0"
      })
      expect(status).toBe(1)
      for (const name of ["OPS_PORT", "DATABASE_URL", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY", "INVOICE_CONCURRENCY"]) expect(stderr).toContain(name)
      expect(stderr).not.toContain("hunter2")
      expect(readdirSync(folder)).toEqual([])
    }))

  it.live("is also one that would start stand-ins in production", () =>
    Effect.gen(function*() {
      const folder = yield* tempDir
      const { status, stderr } = yield* runWorker(folder, [], { NODE_ENV: "production", REDIS_ULR: "redis://typo:6379" })
      expect(status).toBe(1)
      for (const name of ["DATABASE_URL", "REDIS_URL", "S3_BUCKET", "GOOGLE_APPLICATION_CREDENTIALS", "OPENAI_API_KEY"]) expect(stderr).toContain(name)
    }))

  it.live("may come from .env in the working folder", () =>
    Effect.gen(function*() {
      const folder = yield* tempDir
      writeFileSync(join(folder, ".env"), "SHUTDOWN_GRACE=soon\n")
      const { status, stderr } = yield* runWorker(folder, ["migrate"])
      expect(status).toBe(1)
      expect(stderr).toContain("SHUTDOWN_GRACE")
    }))
})

describe("enqueue", () => {
  it.live("refuses data that does not fit, naming every field, and adds what fits", () =>
    Effect.gen(function*() {
      const folder = yield* tempDir
      const refused = yield* runWorker(folder, ["enqueue", "invoice-processing", `{"tenantId": 7}`])
      expect(refused.status).toBe(1)
      expect(refused.stderr).toContain("tenantId")
      expect(refused.stderr).toContain("invoiceId")
      const added = yield* runWorker(folder, ["enqueue", "invoice-processing", `{"tenantId":"t1","invoiceId":"i1"}`])
      expect(added.stdout).toMatch(/invoice-processing job \S+ was added/)
      expect(added.status).toBe(0)
    }))
})
