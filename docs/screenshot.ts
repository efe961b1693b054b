import { Effect, Fiber } from "effect"
import { freePort } from "../layers/embedded/freePort.ts"
import { openPage, startBrowser } from "../test/support/browser.ts"
import { tempDir } from "../test/support/tempDir.ts"
import { runWorker, startWorker } from "../test/support/worker.ts"

/** `npm run docs:console` makes docs/console.png anew: the console of a real worker while the demo runs. Needs Chromium. */
const program = Effect.gen(function*() {
  const folder = yield* tempDir
  const port = yield* freePort
  const { says } = yield* startWorker(folder, [], { OPS_PORT: String(port), ALLOWED_PRIVATE_HOSTS: "127.0.0.1" })
  yield* says("Ready after")
  const { page } = yield* openPage(yield* startBrowser, { width: 1280, height: 1000 })
  yield* Effect.promise(() => page.goto(`http://127.0.0.1:${port}`, { waitUntil: "domcontentloaded" }))
  const demo = yield* Effect.forkChild(runWorker(folder, ["demo"]))
  const holds = (expression: string) => Effect.promise(() => page.waitForFunction(expression, { timeout: 60_000, polling: 50 }))
  yield* holds("document.querySelector('#troubles li') !== null")
  yield* holds("document.querySelectorAll('#jobs tr').length > 0").pipe(Effect.timeoutOption("10 seconds"))
  yield* Effect.promise(() => page.screenshot({ path: "docs/console.png" }))
  yield* Fiber.join(demo)
}).pipe(Effect.scoped)

await Effect.runPromise(program)
process.exit(0)
