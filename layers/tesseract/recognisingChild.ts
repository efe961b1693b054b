import { maxOcrPages } from "../../src/domain/limits.ts"
import { type Handler, type SendPart, serve } from "../childprocess/serve.ts"
import { slicesOf } from "../childprocess/pageSlices.ts"
import { type Recognise, startEngine } from "./engine.ts"
import type { LoadedPage } from "./LoadedPage.ts"
import { recognitionOrder } from "./recognitionOrder.ts"
import { Refusal } from "./Refusal.ts"

/** No further page is begun after so many milliseconds: what is read by then is worth more than a failure. */
const enough = 60_000

/** No further pass is begun over a page after so much work, nor after so long a time where others keep the machine busy. */
const enoughWork = 7_000
const enoughForPage = 15_000
/** No further pass is begun over any page of a document after so many. */
const enoughForPasses = 30_000

/** Milliseconds that this process has worked. */
const worked = (): number => {
  const { system, user } = process.cpuUsage()
  return (system + user) / 1000
}

let engine: Promise<Recognise> | undefined

const theEngine = (): Promise<Recognise> =>
  engine ??= startEngine().catch((error: unknown) => {
    throw new Refusal({ _tag: "EngineBroke" }, error instanceof Error ? error.message : "the engine did not start")
  })

const sendPage = async (number: number, loaded: LoadedPage, begun: number, sendPart: SendPart): Promise<void> => {
  const { recognisePage } = await import("./recognisePage.ts")
  const engine = await theEngine()
  const recognise: Recognise = async (picture, layout) => {
    const words = await engine(picture, layout)
    await sendPart({ _tag: "Working" })
    return words
  }
  const [pageBegun, workedBefore] = [performance.now(), worked()]
  const hasTime = () =>
    worked() - workedBefore < enoughWork && performance.now() - pageBegun < enoughForPage && performance.now() - begun < enoughForPasses
  const { page, passes } = await recognisePage(number, loaded, recognise, hasTime)
  for (const slice of slicesOf(page)) await sendPart({ _tag: "Page", page: slice })
  for (const [index, pass] of passes.entries()) {
    for (const slice of slicesOf(pass)) await sendPart({ _tag: "Pass", pass: index + 1, page: slice })
  }
}

const recognisePicture = async (bytes: Uint8Array, sendPart: SendPart): Promise<void> => {
  const { loadPicture } = await import("./loadPicture.ts")
  const begun = performance.now()
  await sendPart({ _tag: "Opened", pageCount: 1 })
  await sendPage(1, await loadPicture(bytes), begun, sendPart)
}

const recognisePdf = async (bytes: Uint8Array, sendPart: SendPart): Promise<void> => {
  const { openPages } = await import("./pdfPages.ts")
  const begun = performance.now()
  const pages = await openPages(bytes)
  await sendPart({ _tag: "Opened", pageCount: pages.count })
  for (const number of recognitionOrder(pages.count, maxOcrPages)) {
    if (performance.now() - begun > enough) break
    await sendPage(number, await pages.load(number), begun, sendPart)
  }
  await pages.close()
}

const recognise: Handler = (kind, bytes, sendPart) => {
  switch (kind) {
    case "pdf":
      return recognisePdf(bytes, sendPart)
    case "jpeg":
    case "png":
      return recognisePicture(bytes, sendPart)
    default:
      throw new TypeError("a kind of file that has no pages to recognise")
  }
}

serve(async (kind, bytes, sendPart) => {
  try {
    await recognise(kind, bytes, sendPart)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    await sendPart({ _tag: "Refused", reason: error.reason, detail: error.detail })
  }
})
