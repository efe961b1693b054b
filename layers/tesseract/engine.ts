import { createRequire } from "node:module"
import { readFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { promisify } from "node:util"
import { gunzip } from "node:zlib"
import { createWorker, OEM, PSM, type Worker } from "tesseract.js"
import { type Picture, toPgm } from "./Picture.ts"

/** A recognised word in the pixels of the picture given; `confidence` 0 to 1. */
export interface FoundWord {
  readonly text: string
  readonly confidence: number
  readonly box: { readonly x0: number; readonly y0: number; readonly x1: number; readonly y1: number }
}

/** How the engine looks for lines: in one column, as one block of even lines, or anywhere on the page. */
export type Layout = "column" | "block" | "scattered"

const modes = { column: PSM.SINGLE_COLUMN, block: PSM.SINGLE_BLOCK, scattered: PSM.SPARSE_TEXT } as const satisfies Record<Layout, PSM>

/** Looks for text in a picture. */
export type Recognise = (picture: Picture, layout: Layout) => Promise<ReadonlyArray<FoundWord>>

/** The folder of a language's data (LSTM "best", integer): it comes with its npm package, nothing is downloaded. */
const dataFolder = (language: "eng" | "fra"): string =>
  join(dirname(createRequire(import.meta.url).resolve(`@tesseract.js-data/${language}/package.json`)), "4.0.0_best_int")

/** A parameter of the engine that the library's typings do not list. */
const withEnglish: Record<string, string> = { tessedit_load_sublangs: "eng" }

/**
 * Starts Tesseract for French and English. The library reads its languages from one folder, but each package has its
 * own: French is loaded as usual, English is written into the engine's memory and loaded as a sub-language, so that
 * no folder of links is needed on disk. A missing file shows only in `errorHandler`, never in the promise.
 */
export const startEngine = async (): Promise<Recognise> => {
  const worker = await new Promise<Worker>((resolve, reject) => {
    createWorker("fra", OEM.LSTM_ONLY, {
      langPath: dataFolder("fra"),
      gzip: true,
      cacheMethod: "none",
      errorHandler: (error: unknown) => reject(new Error(`tesseract: ${String(error)}`))
    }).then(resolve, reject)
  })
  const english = await promisify(gunzip)(await readFile(join(dataFolder("eng"), "eng.traineddata.gz")))
  await worker.FS("writeFile", ["eng.traineddata", english])
  await worker.reinitialize("fra", OEM.LSTM_ONLY, withEnglish)
  // The engine has its own copy by now: 20 MB less.
  for (const file of ["fra.traineddata", "eng.traineddata"]) await worker.FS("unlink", [file])
  // Without a resolution the engine guesses one, and says so on stderr.
  await worker.setParameters({ user_defined_dpi: "300" })

  return async (picture, layout) => {
    await worker.setParameters({ tessedit_pageseg_mode: modes[layout] })
    const { data } = await worker.recognize(toPgm(picture), {}, { text: false, blocks: true })
    return (data.blocks ?? []).flatMap((block) => block.paragraphs.flatMap((paragraph) => paragraph.lines.flatMap((line) => line.words)))
      .flatMap(({ bbox, confidence, text }) => text.trim() === "" ? [] : [{ text: text.trim(), confidence: confidence / 100, box: bbox }])
  }
}
