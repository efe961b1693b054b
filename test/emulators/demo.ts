import { Console, Effect } from "effect"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import { startEmulatedCloud } from "./emulatedCloud.ts"

/** `npm run demo -- --emulated [FILE...]`: the demo over the wires of Google Vision, OpenAI and S3, with emulators behind them. */

const worker = fileURLToPath(new URL("../../dist/main.js", import.meta.url))

const dataDir = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(path.join(tmpdir(), "tt-worker-emulated-"))),
  (folder) => Effect.promise(() => rm(folder, { recursive: true, force: true }))
)

const demo = Effect.gen(function*() {
  const cloud = yield* startEmulatedCloud
  const folder = yield* dataDir
  yield* Console.log("Google Vision, OpenAI and S3 are emulated on this machine; Tesseract and the rules do the work behind their wires.\n")
  const files = process.argv.slice(2).filter((word) => word !== "--emulated")
  // oxlint-disable-next-line node/no-process-env -- the demo is the real program in its own environment
  const child = spawn(process.execPath, [worker, "demo", ...files], { env: { ...process.env, ...cloud.environment, DATA_DIR: folder }, stdio: "inherit" })
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal))
  const [status] = yield* Effect.promise(() => once(child, "exit"))
  const calls = yield* cloud.calls
  yield* Console.log(`Calls over the wire: ${calls.vision} to Google Vision, ${calls.openAi} to OpenAI, ${calls.s3} to S3.`)
  return typeof status === "number" ? status : 1
}).pipe(Effect.scoped)

process.exitCode = await Effect.runPromise(demo)
