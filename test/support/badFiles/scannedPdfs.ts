import sharp from "sharp"
import { invoiceJpeg } from "./images.ts"
import { utf8 } from "./bytes.ts"
import { catalog, rawPdf } from "./rawPdf.ts"

interface Scan {
  readonly jpeg?: Uint8Array
  readonly pages?: number
  /** In points; A4 where not given. */
  readonly pageSize?: readonly [width: number, height: number]
}

const scanned = async ({ jpeg, pageSize: [width, height] = [595, 842], pages = 1 }: Scan): Promise<Uint8Array> => {
  const picture = jpeg ?? await invoiceJpeg()
  const pixels = await sharp(picture).metadata()
  const firstPage = 5
  const kids = Array.from({ length: pages }, (_, index) => `${firstPage + index} 0 R`).join(" ")
  return rawPdf([
    catalog,
    { dictionary: `/Type /Pages /Kids [${kids}] /Count ${pages} /MediaBox [0 0 ${width} ${height}]` },
    {
      dictionary: `/Type /XObject /Subtype /Image /Width ${pixels.width} /Height ${pixels.height} ` +
        `/ColorSpace /${pixels.channels === 1 ? "DeviceGray" : "DeviceRGB"} /BitsPerComponent 8 /Filter /DCTDecode`,
      bytes: picture
    },
    { dictionary: "", bytes: utf8(`q ${width} 0 0 ${height} 0 0 cm /Scan Do Q`) },
    ...Array.from({ length: pages }, () => ({
      dictionary: "/Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /XObject << /Scan 3 0 R >> >>"
    }))
  ])
}

/** A page that is only a picture, as scanners make them; without text layer. Of a readable invoice unless told otherwise. */
export const scannedPdf = (jpeg?: Uint8Array): Promise<Uint8Array> => scanned(jpeg === undefined ? {} : { jpeg })

/** The same readable page `pages` times; the picture is stored once. */
export const scannedPdfPages = (pages: number): Promise<Uint8Array> => scanned({ pages })

/** A readable scan on a page of 70 by 70 metres: drawn at 200 dpi it would have 3 × 10^11 pixels. */
export const pdfHugePage = (): Promise<Uint8Array> => scanned({ pageSize: [200_000, 200_000] })
