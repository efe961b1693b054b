/** A page before it is drawn: what is written and painted where, in points from the top left corner of A4. */
export interface Sheet {
  readonly texts: Array<Text>
  readonly boxes: Array<Box>
}

export interface Text {
  readonly text: string
  readonly x: number
  readonly y: number
  readonly size: number
  readonly bold: boolean
  readonly color: string
  readonly align: "left" | "right" | "center"
}

export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly color: string
}

export const sheetWidth = 595
export const sheetHeight = 842

export const emptySheet = (): Sheet => ({ texts: [], boxes: [] })

export type Style = Partial<Pick<Text, "size" | "bold" | "color" | "align">>

export const write = (sheet: Sheet, text: string, x: number, y: number, style: Style = {}): void => {
  if (text !== "") sheet.texts.push({ text, x, y, size: style.size ?? 9.5, bold: style.bold ?? false, color: style.color ?? "#1d1d1d", align: style.align ?? "left" })
}

export const writeLines = (sheet: Sheet, texts: ReadonlyArray<string>, x: number, y: number, step: number, style?: Style): number => {
  texts.forEach((text, index) => write(sheet, text, x, y + index * step, style))
  return y + texts.length * step
}

export const paint = (sheet: Sheet, x: number, y: number, width: number, height: number, color: string): void => {
  sheet.boxes.push({ x, y, width, height, color })
}

/** The four sides of a rectangle. */
export const frame = (sheet: Sheet, x: number, y: number, width: number, height: number, color: string): void => {
  paint(sheet, x, y, width, 0.7, color)
  paint(sheet, x, y + height, width, 0.7, color)
  paint(sheet, x, y, 0.7, height, color)
  paint(sheet, x + width, y, 0.7, height, color)
}
