import { assert, describe, it } from "@effect/vitest"
import axe from "axe-core"
import { Duration, Effect, Fiber } from "effect"
import type { Page } from "puppeteer-core"
import { freePort } from "../../../layers/embedded/freePort.ts"
import { openPage, startBrowser } from "../../support/browser.ts"
import { tempDir } from "../../support/tempDir.ts"
import { runWorker, startWorker } from "../../support/worker.ts"

const token = "a-long-token-of-an-operator"

const textOf = (page: Page, selector: string) => Effect.promise(() => page.$eval(selector, (node) => node.textContent ?? ""))
/** Waits until this holds in the page. */
const holds = (page: Page, expression: string, timeout = 60_000) => Effect.promise(() => page.waitForFunction(expression, { timeout, polling: 50 }))
const waitForText = (page: Page, selector: string, text: string, timeout = 60_000) =>
  holds(page, `document.querySelector(${JSON.stringify(selector)})?.textContent?.includes(${JSON.stringify(text)}) === true`, timeout)

/** What axe-core finds wrong, by rule. */
const faultsOf = (page: Page): Effect.Effect<ReadonlyArray<string>> =>
  Effect.promise(async () => {
    await page.evaluate(axe.source)
    const { violations } = await page.evaluate(() => Reflect.get(globalThis, "axe").run())
    return violations.map(({ id, nodes }: { id: string; nodes: ReadonlyArray<{ html: string }> }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)
  })

/** Ids of the jobs that wait, in the order in which they were added. */
const waitingJobs = (page: Page): Effect.Effect<ReadonlyArray<string>> =>
  Effect.promise(() => page.evaluate(async () => {
    const answer: { readonly queues: ReadonlyArray<{ readonly name: string; readonly jobs: ReadonlyArray<{ readonly id: string }> }> } =
      JSON.parse(await (await fetch("/queues/api/queues?activeQueue=invoice-processing&status=waiting&page=1&jobsPerPage=20")).text())
    return answer.queues.filter(({ name }) => name === "invoice-processing").flatMap(({ jobs }) => jobs.map(({ id }) => id)).toSorted((a, b) => Number(a) - Number(b))
  }))

/** Asks for a job as a person would. */
const lookAt = (page: Page, id: string) =>
  Effect.promise(async () => {
    await page.select("#look select", "invoice-processing")
    await page.$eval("#look input", (input) => Reflect.set(input, "value", ""))
    await page.type("#look input", id)
    await page.click("#look button")
    await page.waitForFunction(`document.querySelector("#job-facts")?.textContent?.includes(${JSON.stringify(id)}) === true`, { timeout: 20_000, polling: 50 })
  })

const worker = Effect.gen(function*() {
  const dataDir = yield* tempDir
  const port = yield* freePort
  const environment = { DATA_DIR: dataDir, OPS_PORT: String(port), OPS_TOKEN: token, OPS_TOKENS: `berta:view:${token}-of-berta` }
  const { says } = yield* startWorker(dataDir, ["start"], environment)
  yield* says("Ready after")
  return { dataDir, environment, base: `http://127.0.0.1:${port}` }
})

const logIn = (page: Page, base: string, secret: string) =>
  Effect.promise(async () => {
    await page.goto(base, { waitUntil: "domcontentloaded" })
    await page.type("input[name=token]", secret)
    await Promise.all([page.waitForNavigation({ waitUntil: "domcontentloaded" }), page.click("button")])
  })

describe("the console in a real browser", () => {
  it.live("shows the tree, pauses and resumes a queue on record, follows an invoice to its end, and has no fault of accessibility", () =>
    Effect.gen(function*() {
      const { base, dataDir, environment } = yield* worker
      const browser = yield* startBrowser
      const { complaints, page } = yield* openPage(browser, { width: 1400, height: 1300 })
      yield* logIn(page, base, token)

      yield* waitForText(page, "#processes", "invoice-processing")
      assert.include(yield* textOf(page, "#processes"), "one-for-one")
      assert.include(yield* textOf(page, "#me"), "operator")
      assert.deepStrictEqual(yield* faultsOf(page), [])

      const row = "tr[data-key=invoice-processing]"
      yield* waitForText(page, row, "taking")
      yield* Effect.promise(() => page.click(`${row} [data-pause]`))
      yield* waitForText(page, row, "paused")
      yield* waitForText(page, "#told", "starts no more jobs")
      yield* waitForText(page, "#history", "operator paused invoice-processing")

      // The demo's invoices wait until the queue is resumed, in this very page.
      const demo = yield* Effect.forkChild(runWorker(dataDir, ["demo"], environment))
      yield* holds(page, `Number(document.querySelector("${row} [data-count=waiting]")?.textContent) >= 5`)
      const jobs = yield* waitingJobs(page)
      yield* lookAt(page, jobs[0] ?? "")
      yield* waitForText(page, "#job", "waiting")
      yield* Effect.promise(() => page.focus(`${row} [data-pause]`))
      yield* Effect.promise(() => page.keyboard.press("Enter"))
      yield* waitForText(page, row, "taking")
      yield* holds(page, `document.querySelectorAll("#jobs tr").length > 0`)
      const { status } = yield* Fiber.join(demo)
      assert.strictEqual(status, 0)
      yield* waitForText(page, "#troubles", "file-damaged")
      yield* lookAt(page, jobs[0] ?? "")
      yield* waitForText(page, "#job", "status processed")

      // What failed is tried again from its line, by the keyboard; its invoice is read once more, and fails once more.
      yield* Effect.promise(() => page.focus("#troubles [data-retry]"))
      yield* Effect.promise(() => page.keyboard.press("Enter"))
      yield* waitForText(page, "#told", "is tried again")
      yield* waitForText(page, "#history", "tried again")
      yield* holds(page, `document.querySelectorAll("#troubles [data-retry]").length >= 2`)
      yield* waitForText(page, "#services", "storage")
      yield* waitForText(page, "#services", "answers")

      for (const scheme of ["dark", "light"] as const) {
        yield* Effect.promise(() => page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]))
        assert.deepStrictEqual(yield* faultsOf(page), [])
      }
      yield* Effect.promise(() => page.setViewport({ width: 390, height: 800 }))
      yield* holds(page, "document.documentElement.scrollWidth <= document.documentElement.clientWidth", 5_000)
      assert.deepStrictEqual(complaints, [])
    }).pipe(Effect.scoped), 180_000)

  it.live("lets somebody who may only look do nothing", () =>
    Effect.gen(function*() {
      const { base } = yield* worker
      const browser = yield* startBrowser
      const { page } = yield* openPage(browser, { width: 1000, height: 800 })
      yield* logIn(page, base, `${token}-of-berta`)
      yield* waitForText(page, "#me", "berta (may look)")
      yield* waitForText(page, "tr[data-key=invoice-processing]", "taking")
      assert.isTrue(yield* Effect.promise(() => page.$eval("tr[data-key=invoice-processing] [data-pause]", (button) => button.hasAttribute("disabled"))))
      const answer = yield* Effect.promise(() => page.evaluate(async () =>
        (await fetch("/api/actions", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ _tag: "pause", queue: "invoice-processing" }) })).status))
      assert.strictEqual(answer, 403)
      yield* Effect.sleep(Duration.seconds(1))
      assert.include(yield* textOf(page, "tr[data-key=invoice-processing]"), "taking")
    }).pipe(Effect.scoped), 120_000)
})
