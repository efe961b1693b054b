import { createIsomorphicCanvasFactory, getDocumentProxy } from "unpdf"
import { Refusal } from "./Refusal.ts"

export type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>
export type PdfPage = Awaited<ReturnType<Pdf["getPage"]>>

export interface OpenOptions {
  /** Needed to paint pages; the text alone does without. */
  readonly canvas: boolean
}

const canvasFactory = () => createIsomorphicCanvasFactory(() => import("@napi-rs/canvas"))

/** Larger images are left out of a painted page: A4 at 400 dpi has 15 million pixels, and each takes up to 13 bytes while decoded. */
const maxImagePixels = 16_000_000

const refusalOf = (error: unknown): Refusal =>
  error instanceof Error && error.name === "PasswordException"
    ? new Refusal({ _tag: "Encrypted" }, "the PDF needs a password to be opened")
    : new Refusal({ _tag: "Damaged" }, `the PDF's structure cannot be read (${error instanceof Error ? error.name : "unknown"})`)

/** Opens a PDF; also one encrypted with an empty user password, as viewers do. Throws a `Refusal`. */
export const openPdf = async (bytes: Uint8Array, options: OpenOptions): Promise<Pdf> => {
  const factory = options.canvas ? { CanvasFactory: await canvasFactory() } : {}
  const pdf = await getDocumentProxy(bytes, {
    verbosity: 0,
    disableFontFace: true,
    useSystemFonts: false,
    enableXfa: false,
    maxImageSize: maxImagePixels,
    ...factory
  }).catch((error: unknown) => {
    throw refusalOf(error)
  })
  if (pdf.numPages < 1) throw new Refusal({ _tag: "NoPages" }, "the PDF has no pages")
  return pdf
}

/** A page of an open PDF. Throws a `Refusal` where its entry is broken. */
export const openPage = (pdf: Pdf, number: number): Promise<PdfPage> =>
  pdf.getPage(number).catch((error: unknown) => {
    throw refusalOf(error)
  })
