import { Effect, Redacted } from "effect"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { cpus, tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { OwnPostgres } from "../test/support/ownPostgres.ts"

/**
 * Start to ready and memory of the worker with and without the layers of the real services, as a Markdown table:
 * `npm run bench:cloud`. Needs Linux for the memory. Nobody is asked for anything: the keys are made up. About two minutes.
 */
const main = fileURLToPath(new URL("../dist/main.js", import.meta.url))
const runs = 5

const vision = { GOOGLE_VISION_API_KEY: "made-up" }
const openAi = { OPENAI_API_KEY: "made-up" }
const s3 = { S3_ENDPOINT: "http://127.0.0.1:1", S3_BUCKET: "b", S3_ACCESS_KEY_ID: "k", S3_SECRET_ACCESS_KEY: "s" }
const cases: ReadonlyArray<readonly [what: string, env: Record<string, string>]> = [
  ["none: Tesseract, rules, files on disk", {}],
  ["Vision", vision],
  ["OpenAI", openAi],
  ["S3", s3],
  ["all three", { ...vision, ...openAi, ...s3 }]
]

interface Start {
  readonly seconds: number
  readonly megabytes: number
}

const residentOf = (pid: number): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1000

const start = async (databaseUrl: string, env: Record<string, string>): Promise<Start> => {
  const folder = mkdtempSync(join(tmpdir(), "tt-worker-cloud-"))
  const began = performance.now()
  const child = spawn(process.execPath, [main], {
    cwd: folder,
    env: { PATH: "/usr/bin:/bin", OPS_PORT: "0", DATABASE_URL: databaseUrl, QUEUE: "postgres", LOG_LEVEL: "warning", ...env },
    stdio: ["ignore", "pipe", "inherit"]
  })
  let out = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text
  })
  while (!out.includes("Ready after")) {
    if (child.exitCode !== null) throw new Error(`it ended early: ${out}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const seconds = (performance.now() - began) / 1000
  await new Promise((resolve) => setTimeout(resolve, 1500))
  const megabytes = residentOf(child.pid ?? 0)
  const closed = once(child, "close")
  child.kill("SIGTERM")
  await closed
  rmSync(folder, { recursive: true, force: true })
  return { seconds, megabytes }
}

const median = (numbers: ReadonlyArray<number>): number => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN

const program = Effect.gen(function*() {
  const { makeDatabase } = yield* OwnPostgres
  const url = Redacted.value(yield* makeDatabase)
  yield* Effect.promise(() => start(url, {}))
  const found = new Map<string, Array<Start>>()
  // In turns, so that whatever else the machine does meets all of them.
  for (let round = 0; round < runs; round++) {
    for (const [what, env] of cases) found.set(what, [...found.get(what) ?? [], yield* Effect.promise(() => start(url, env))])
  }
  const rows = cases.map(([what]) => {
    const all = found.get(what) ?? []
    return `| ${what} | ${median(all.map(({ seconds }) => seconds)).toFixed(2)} s | ${Math.round(median(all.map(({ megabytes }) => megabytes)))} MB |`
  })
  process.stdout.write(
    `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores (${cpus()[0]?.model ?? "unknown"}), Node ${process.version}: \`npm run bench:cloud\`, medians of ${runs} starts on a migrated database.\n\n| layers of real services | start to ready | memory, idle |\n|---|---|---|\n${rows.join("\n")}\n`
  )
}).pipe(Effect.provide(OwnPostgres.layer), Effect.scoped)

await Effect.runPromise(program)
