import { Schema } from "effect"

/** Where something stands on a page: page units, origin top left, x to the right, y down. */
export const Box = Schema.Struct({
  x0: Schema.Finite,
  y0: Schema.Finite,
  x1: Schema.Finite,
  y1: Schema.Finite
})
export type Box = typeof Box.Type

/** A word as printed, between white space. `confidence` is 0 to 1: 1 for a PDF's text layer, the engine's own for OCR. */
export const Word = Schema.Struct({
  text: Schema.String,
  box: Box,
  confidence: Schema.Finite
})
export type Word = typeof Word.Type

/**
 * A page as words with places; `width` and `height` in the same units as the boxes (PDF points or pixels).
 * Words come in no promised order: reading order is made in `src/reading`.
 */
export const Page = Schema.Struct({
  number: Schema.Int,
  width: Schema.Finite,
  height: Schema.Finite,
  words: Schema.Array(Word)
})
export type Page = typeof Page.Type
