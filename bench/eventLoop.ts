import { fork } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { loadavg } from "node:os"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import * as PgClient from "@effect/sql-pg/PgClient"
import { Effect, Layer, Redacted } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import * as BadFiles from "../test/support/badFiles.ts"
import { OwnPostgres } from "../test/support/ownPostgres.ts"
import { tempDir } from "../test/support/tempDir.ts"
import { until } from "../test/support/until.ts"
import { dice } from "./documents/Dice.ts"
import { sheetsToPdf } from "./documents/drawing.ts"
import { layOut } from "./documents/layout/layOut.ts"
import { inventPaper } from "./documents/Paper.ts"
import { emptySheet, write } from "./documents/Sheet.ts"
import type { Block } from "./support/loopWatch.ts"
import { runWorker } from "../test/support/worker.ts"

/**
 * For how long the worker's event loop does not turn from readiness on, over ordinary and hostile documents, the first
 * delivery, the first mailbox and the first automation: `npm run bench:loop [-- --profile FOLDER] [--only PATTERN]`, where
 * the pattern chooses among the hostile files. Three minutes on a free machine; on a busy one the worker's own work counts.
 */
const { values: { only, profile } } = parseArgs({ options: { profile: { type: "string" }, only: { type: "string", default: "" } } })

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url))
const watcher = fileURLToPath(new URL("./support/loopWatch.ts", import.meta.url))
const samples = fileURLToPath(new URL("../samples", import.meta.url))

/** Pages full of words, as conditions of business and price lists are. */
const densePdf = (pages: number, text: (index: number) => string): Uint8Array =>
  sheetsToPdf(Array.from({ length: pages }, () => {
    const sheet = emptySheet()
    for (let index = 0; index < 1400; index++) write(sheet, text(index), 20 + (index % 14) * 40, 20 + Math.floor(index / 14) * 8, { size: 6 })
    return sheet
  }), "Condensed")

const ordinary = (count: number): Readonly<Record<string, Uint8Array>> =>
  Object.fromEntries(Array.from({ length: count }, (_, seed) => {
    const random = dice(seed + 1)
    const { look, sheets } = layOut(random, inventPaper(random))
    return [`invoice-${seed}.pdf`, sheetsToPdf(sheets, look.family)]
  }))

/** 18 MB of invoice lines. */
const largeXml = (): Uint8Array => {
  const text = BadFiles.ciiText()
  const line = /<ram:IncludedSupplyChainTradeLineItem>[\s\S]*?<\/ram:IncludedSupplyChainTradeLineItem>/.exec(text)?.[0] ?? ""
  return new TextEncoder().encode(text.replace(line, line.repeat(Math.floor(18_000_000 / line.length))))
}

const padded = (bytes: Uint8Array): Uint8Array => {
  const large = new Uint8Array(20 * 1024 * 1024)
  large.set(bytes)
  return large
}

const hostile = async (): Promise<Readonly<Record<string, Uint8Array>>> => ({
  "dense-100.pdf": densePdf(100, (index) => ["Total", "TTC", "12,50", "Facture", "n°", "03/04/2026", "TVA"][index % 7] ?? ""),
  "dense-dates.pdf": densePdf(20, (index) => index % 3 === 0 ? "Lieferung" : `${String(index % 28 + 1).padStart(2, "0")}/0${index % 9 + 1}/2024`),
  "long-word.pdf": sheetsToPdf([(() => {
    const sheet = emptySheet()
    for (let index = 0; index < 40; index++) write(sheet, "Facture 2026", 20, 60 + index * 12)
    write(sheet, "a1-".repeat(100_000), 20, 40)
    return sheet
  })()], "Mono"),
  "large.xml": largeXml(),
  "large.jpg": padded(await BadFiles.invoiceJpeg()),
  "pages-500.pdf": BadFiles.manyPagesPdf(500),
  "scan-12.pdf": await BadFiles.scannedPdfPages(12),
  "huge.png": BadFiles.hugePng(),
  "bomb.pdf": BadFiles.pdfBomb(),
  "deep.xml": BadFiles.xmlDeep()
})

const store = (folder: string, files: Readonly<Record<string, Uint8Array>>): ReadonlyArray<string> => {
  mkdirSync(folder)
  return Object.entries(files).map(([name, bytes]) => {
    writeFileSync(join(folder, name), bytes)
    return join(folder, name)
  })
}

const startWatched = (cwd: string, env: Readonly<Record<string, string>>) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const profiling = profile === undefined ? [] : ["--cpu-prof", "--cpu-prof-interval", "500", "--cpu-prof-dir", profile]
      const child = fork(main, ["start"], { cwd, env, execArgv: ["--no-warnings", "--import", watcher, ...profiling], stdio: ["ignore", "pipe", "pipe", "ipc"] })
      let said = ""
      for (const output of [child.stdout, child.stderr]) output?.setEncoding("utf8").on("data", (text: string) => void (said += text))
      const look = Effect.callback<ReadonlyArray<Block>>((resume) => {
        child.once("message", (blocks) => resume(Effect.succeed(Array.isArray(blocks) ? blocks : [])))
        child.send("look")
      })
      return { child, said: () => said, phase: (name: string) => Effect.sync(() => void child.send(name)), look }
    }),
    ({ child }) => Effect.sync(() => child.kill("SIGKILL"))
  )

const ms = (value: number): string => `${value.toFixed(0)} ms`

const report = (blocks: ReadonlyArray<Block>): string => {
  const phases = [...new Set(blocks.map(({ phase }) => phase))]
  const rows = phases.map((phase) => {
    const own = blocks.filter((block) => block.phase === phase)
    const [longest, busiest] = [own.toSorted((a, b) => b.wall - a.wall)[0], own.toSorted((a, b) => b.cpu - a.cpu)[0]]
    return `| ${phase} | ${ms(longest?.wall ?? 0)} | ${ms(busiest?.cpu ?? 0)} | ${own.filter(({ cpu }) => cpu > 50).map(({ at, cpu }) => `${ms(cpu)} at ${(at / 1000).toFixed(1)} s`).slice(0, 6).join(", ")} |`
  })
  return ["| while | longest by the clock | longest by its own work | above 50 ms of own work |", "|---|---|---|---|", ...rows].join("\n")
}

const mailbox = { id: "box", email: "a@example.test", host: "localhost", port: 9, user: "a", password: "b" }
const automations = [{ id: "day", name: "Day", schedule: { cron: "* * * * *", timeZone: "Europe/Paris" }, when: { days: ["workday", "weekend", "holiday"] }, do: { type: "create-entry", start: "08:00", end: "16:30", note: "Day" } }]

const bench = Effect.gen(function*() {
  const folder = yield* tempDir
  const url = yield* (yield* OwnPostgres).makeDatabase
  const env = {
    PATH: "/usr/bin:/bin", OPS_PORT: "0", DATABASE_URL: Redacted.value(url), QUEUE: "postgres", ALLOWED_PRIVATE_HOSTS: "localhost,127.0.0.1",
    MAIL_PORTS: "9", MAIL_KEYS: `k1:${Buffer.alloc(32, 7).toString("base64")}`, SHUTDOWN_GRACE: "10 seconds"
  }
  const worker = yield* startWatched(folder, env)
  yield* until(Effect.sync(() => worker.said()), (said) => said.includes("Ready after"), 60_000)
  yield* worker.phase("idle, after readiness")
  yield* Effect.sleep("6 seconds")
  const demo = (files: ReadonlyArray<string>) =>
    Effect.tap(runWorker(folder, ["demo", ...files], env), ({ stdout }) => Effect.sync(() => process.stderr.write(`${stdout.split("\n").filter((line) => /^ {2}[✓✗]/.test(line)).join("\n")}\n`)))
  yield* worker.phase("built-in samples, first delivery")
  yield* demo(["facture-facturx.pdf", "facture-texte.pdf", "facture-photo.jpg", "facture-xrechnung.xml"].map((name) => join(samples, name)))
  yield* worker.phase("40 invoices with text")
  yield* demo(store(join(folder, "ordinary"), ordinary(40)))
  for (const path of store(join(folder, "hostile"), yield* Effect.promise(hostile))) {
    if (!new RegExp(only).test(basename(path))) continue
    yield* worker.phase(basename(path))
    yield* demo([path])
  }
  yield* Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    yield* worker.phase("first mailbox")
    yield* sql`INSERT INTO tenants (id, name, features, "emailSettings") VALUES ('t1', 'Firm', '{"invoices": true}', ${JSON.stringify(mailbox)}::text::jsonb)`
    yield* Effect.sleep("8 seconds")
    yield* worker.phase("first automation")
    yield* sql`INSERT INTO tenant_users (id, "tenantId", "userId", name, automations) VALUES ('u1', 't1', 'u1', 'User', ${JSON.stringify(automations)}::text::jsonb)`
    yield* Effect.sleep("75 seconds")
  }).pipe(Effect.provide(PgClient.layer({ url, maxConnections: 1 })))
  yield* worker.phase("the end")
  const blocks = yield* worker.look
  worker.child.kill("SIGTERM")
  yield* until(Effect.sync(() => worker.child.exitCode), (code) => code !== null, 30_000)
  process.stdout.write(`${report(blocks)}\n\nload average ${loadavg().map((load) => load.toFixed(1)).join(", ")}\n`)
})

await Effect.runPromise(bench.pipe(Effect.scoped, Effect.provide(Layer.mergeAll(OwnPostgres.layer))))
