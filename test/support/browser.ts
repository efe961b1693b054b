import { Effect, type Scope } from "effect"
import { existsSync } from "node:fs"
import { type Browser, launch, type Page } from "puppeteer-core"

const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]

/** A real Chromium without a window; fails where none is installed. */
export const startBrowser: Effect.Effect<Browser, never, Scope.Scope> = Effect.acquireRelease(
  Effect.promise(() => {
    const executablePath = places.find((place) => existsSync(place))
    if (executablePath === undefined) throw new Error(`no Chromium is installed: looked at ${places.join(", ")}`)
    return launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] })
  }),
  (browser) => Effect.promise(() => browser.close())
)

/** A page, and what it complains about in its console. */
export const openPage = (browser: Browser, size: { readonly width: number; readonly height: number }): Effect.Effect<{ readonly page: Page; readonly complaints: ReadonlyArray<string> }> =>
  Effect.promise(async () => {
    const page = await browser.newPage()
    const complaints: Array<string> = []
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warn") complaints.push(message.text())
    })
    page.on("pageerror", (error) => complaints.push(String(error)))
    await page.setViewport(size)
    return { page, complaints }
  })
