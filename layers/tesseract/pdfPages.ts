import { openPage, openPdf, type Pdf } from "../pdf/openPdf.ts"
import { pagePicture } from "../pdf/pagePicture.ts"
import { fillsPage, type Scan, scannedPages } from "../pdf/scannedPages.ts"
import { type LoadedPage, quarterTurn } from "./LoadedPage.ts"
import { loadPage, loadPicture } from "./loadPicture.ts"
import { Refusal } from "./Refusal.ts"

/** The pages of a PDF as pictures. */
export interface PdfPages {
  readonly count: number
  readonly load: (number: number) => Promise<LoadedPage>
  readonly close: () => Promise<void>
}

const cannotPaint = () => {
  throw new Refusal({ _tag: "BadImage" }, "the PDF's pages cannot be painted")
}

/** A scan as the page it fills: turned as the page says, in points. */
const loadScan = async (scan: Scan, rotation: number, pageWidth: number): Promise<LoadedPage> => {
  const loaded = await loadPicture(scan.jpeg)
  const points = pageWidth / loaded.width
  let page: LoadedPage = {
    picture: loaded.picture,
    left: loaded.left * points,
    top: loaded.top * points,
    unit: loaded.unit * points,
    width: loaded.width * points,
    height: loaded.height * points
  }
  for (let quarter = 0; quarter < rotation / 90; quarter++) page = await quarterTurn(page)
  return page
}

const load = async (pdf: Pdf, scan: Scan | undefined, number: number): Promise<LoadedPage> => {
  const page = await openPage(pdf, number)
  const unturned = page.getViewport({ scale: 1, rotation: 0 })
  return scan !== undefined && fillsPage(scan, unturned.width, unturned.height)
    ? loadScan(scan, page.rotate, unturned.width)
    : loadPage(await pagePicture(pdf, number).catch(cannotPaint))
}

/** Opens a PDF to recognise its pages. Throws a `Refusal`, also later, for a page that cannot be painted. */
export const openPages = async (bytes: Uint8Array): Promise<PdfPages> => {
  // The engine of the PDF takes its array away: it gets one of its own, the scans are cut from the other.
  const pdf = await openPdf(bytes.slice(), { canvas: true }).catch(cannotPaint)
  const scans = scannedPages(bytes, pdf.numPages)
  return {
    count: pdf.numPages,
    load: (number) => load(pdf, scans[number - 1], number).catch((error: unknown) => error instanceof Refusal ? Promise.reject(error) : cannotPaint()),
    close: () => pdf.loadingTask.destroy()
  }
}
