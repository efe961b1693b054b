/** Smaller images are logos and stamps, not scans of a page. */
const smallestScan = 500_000

/** How far the shapes of a page and its scan may differ. */
const shapeTolerance = 0.03

/** A JPEG inside a PDF, as the scanner made it. */
export interface Scan {
  readonly jpeg: Uint8Array
  readonly width: number
  readonly height: number
}

const numberAfter = (key: string, dictionary: string): number => Number(new RegExp(`/${key}\\s+(\\d+)`).exec(dictionary)?.[1] ?? 0)

const isJpegDictionary = (dictionary: string): boolean =>
  /\/Subtype\s*\/Image\b/.test(dictionary) && /\/Filter\s*(?:\[\s*)?\/DCTDecode\s*(?:\]|\/|>>|$)/.test(dictionary)

/**
 * The large JPEGs of a PDF in the order of the file. A stream's dictionary always stands in the open (ISO 32000-1,
 * 7.5.7: streams are never inside object streams), so no parser is needed to find one. In an encrypted file none is
 * found, as its streams do not begin like a JPEG.
 */
const jpegsIn = (bytes: Uint8Array): ReadonlyArray<Scan> => {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const scans: Array<Scan> = []
  let at = file.indexOf("/DCTDecode")
  while (at >= 0) {
    const stream = file.indexOf("stream", at)
    const end = file.indexOf("endstream", stream)
    const begin = file.lastIndexOf(" obj", at)
    if (stream < 0 || end < 0) break
    const dictionary = file.toString("latin1", Math.max(begin, at - 2000), Math.min(stream, at + 2000))
    const jpeg = file.subarray(file[stream + 6] === 0x0d ? stream + 8 : stream + 7, end)
    const [width, height] = [numberAfter("Width", dictionary), numberAfter("Height", dictionary)]
    if (isJpegDictionary(dictionary) && jpeg[0] === 0xff && jpeg[1] === 0xd8 && width * height >= smallestScan) scans.push({ jpeg, width, height })
    at = file.indexOf("/DCTDecode", end)
  }
  return scans
}

/**
 * The scans of a PDF that is nothing but scans: one large JPEG per page. Such a page need not be painted, which takes
 * half the time and a third of the memory, and keeps the scanner's own resolution. Empty for any other PDF.
 */
export const scannedPages = (bytes: Uint8Array, pageCount: number): ReadonlyArray<Scan> => {
  const scans = jpegsIn(bytes)
  return scans.length === pageCount ? scans : []
}

/** Whether a scan fills a page of this size (before the page's own rotation). */
export const fillsPage = (scan: Scan, pageWidth: number, pageHeight: number): boolean =>
  Math.abs((scan.width / scan.height) / (pageWidth / pageHeight) - 1) < shapeTolerance
