import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { createCanvas, GlobalFonts, PDFDocument } from "@napi-rs/canvas"
import { type Sheet, sheetHeight, sheetWidth } from "./Sheet.ts"

/** The fonts come with packages, so that a page looks the same on every machine. */
const folderOf = (name: string): string => dirname(createRequire(import.meta.url).resolve(`${name}/package.json`))
const dejavu = join(folderOf("dejavu-fonts-ttf"), "ttf")
const google = (family: string, name: string): readonly [string, string] => {
  const folder = folderOf(`@expo-google-fonts/${family}`)
  return [join(folder, "400Regular", `${name}_400Regular.ttf`), join(folder, "700Bold", `${name}_700Bold.ttf`)]
}
/** Arimo and Tinos have the widths of Arial and Times New Roman. */
const files = {
  Arimo: google("arimo", "Arimo"),
  Tinos: google("tinos", "Tinos"),
  Sans: [join(dejavu, "DejaVuSans.ttf"), join(dejavu, "DejaVuSans-Bold.ttf")],
  Condensed: [join(dejavu, "DejaVuSansCondensed.ttf"), join(dejavu, "DejaVuSansCondensed-Bold.ttf")],
  Serif: [join(dejavu, "DejaVuSerif.ttf"), join(dejavu, "DejaVuSerif-Bold.ttf")],
  Mono: [join(dejavu, "DejaVuSansMono.ttf"), join(dejavu, "DejaVuSansMono-Bold.ttf")]
} as const

for (const [family, [regular, bold]] of Object.entries(files)) {
  GlobalFonts.registerFromPath(regular, `Made ${family}`)
  GlobalFonts.registerFromPath(bold, `Made ${family} Bold`)
}

export type Family = keyof typeof files

type Context = ReturnType<PDFDocument["beginPage"]>

const drawInto = (context: Context, sheet: Sheet, family: Family, width: number, height: number): void => {
  context.fillStyle = "#ffffff"
  context.fillRect(0, 0, width, height)
  for (const box of sheet.boxes) {
    context.fillStyle = box.color
    context.fillRect(box.x, box.y, box.width, box.height)
  }
  for (const { align, bold, color, size, text, x, y } of sheet.texts) {
    context.font = `${size}px "Made ${family}${bold ? " Bold" : ""}"`
    context.fillStyle = color
    context.textAlign = align
    context.fillText(text, x, y)
  }
}

/** A PDF with a text layer. */
export const sheetsToPdf = (sheets: ReadonlyArray<Sheet>, family: Family): Uint8Array => {
  const document = new PDFDocument({ title: "made up" })
  for (const sheet of sheets) {
    drawInto(document.beginPage(sheetWidth, sheetHeight), sheet, family, sheetWidth, sheetHeight)
    document.endPage()
  }
  return new Uint8Array(document.close())
}

/** Pixels, RGBA, row by row. */
export interface Pixels {
  readonly data: Uint8ClampedArray
  readonly width: number
  readonly height: number
}

/** A sheet of any size in points as pixels, at `dpi` to the inch of 72 points. */
export const sheetToPixels = (sheet: Sheet, family: Family, dpi: number, size = { width: sheetWidth, height: sheetHeight }): Pixels => {
  const scale = dpi / 72
  const canvas = createCanvas(Math.round(size.width * scale), Math.round(size.height * scale))
  const context = canvas.getContext("2d")
  context.scale(scale, scale)
  drawInto(context, sheet, family, size.width, size.height)
  const { data, height, width } = context.getImageData(0, 0, canvas.width, canvas.height)
  return { data, width, height }
}
