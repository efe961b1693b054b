import { Effect, Redacted } from "effect"
import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import { freePort } from "../layers/embedded/freePort.ts"
import { OwnPostgres } from "../test/support/ownPostgres.ts"
import { runDockerfile, type Stage } from "./dockerfileSteps.ts"

/** Runs the Dockerfile's steps in a folder, starts what comes out as the image would, and asks it whether it is ready. */

const context = fileURLToPath(new URL("..", import.meta.url))
const folder = mkdtempSync(path.join(tmpdir(), "tt-worker-image-"))

/** As with `read_only: true`: a working folder of its own, the image's files where they are. */
const start = (stage: Stage, own: Record<string, string>) => {
  const app = path.join(stage.root, stage.workdir)
  const [, ...script] = [...stage.entrypoint, ...stage.command]
  return spawn(process.execPath, [...script], { cwd: app, env: { PATH: "/usr/bin:/bin", ...stage.environment, ...own }, stdio: ["ignore", "inherit", "inherit"] })
}

const ready = (port: number): Effect.Effect<boolean> =>
  Effect.promise(() => fetch(`http://127.0.0.1:${port}/health/ready`).then(({ ok }) => ok, () => false))

const main = Effect.gen(function*() {
  const startedAt = Date.now()
  // oxlint-disable-next-line node/no-process-env -- npm in the steps needs this machine's own settings
  const image = runDockerfile(context, folder, { environment: process.env })
  yield* Effect.log(`the steps of the Dockerfile took ${Math.round((Date.now() - startedAt) / 1000)} s; the worker's files are ${execFileSync("du", ["-sm", image.root], { encoding: "utf8" }).split("\t")[0]} MB`)
  const { makeDatabase } = yield* OwnPostgres
  const url = Redacted.value(yield* makeDatabase)
  const port = yield* freePort
  const files = path.join(folder, "tmp")
  const worker = start(image, {
    DATABASE_URL: url,
    QUEUE: "postgres",
    STORAGE: "disk",
    OCR: "tesseract",
    EXTRACTOR: "rules",
    DATA_DIR: files,
    OPS_PORT: String(port)
  })
  const exit = once(worker, "exit")
  const isReady = yield* ready(port).pipe(
    Effect.tap((now) => now ? Effect.void : Effect.sleep("200 millis")),
    Effect.repeat({ until: (now) => now, times: 200 })
  )
  worker.kill("SIGTERM")
  const [status] = yield* Effect.promise(() => exit)
  yield* Effect.log(`ready: ${isReady}; after SIGTERM exit status ${status}`)
  if (!isReady || status !== 0) return yield* Effect.die(new Error("what the Dockerfile builds does not run"))
}).pipe(Effect.provide(OwnPostgres.layer), Effect.scoped, Effect.ensuring(Effect.sync(() => rmSync(folder, { recursive: true, force: true }))))

await Effect.runPromise(main)
