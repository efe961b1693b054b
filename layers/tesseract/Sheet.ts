import { isBlank, findInk } from "./ink.ts"
import { darkInk, evenLight } from "./light.ts"
import type { LoadedPage } from "./LoadedPage.ts"
import type { Picture } from "./Picture.ts"
import { printHeight } from "./printHeight.ts"
import { skewOf } from "./skew.ts"

/** A page with what all passes over it need to know: worked out once. */
export interface Sheet {
  readonly page: LoadedPage
  readonly isBlank: boolean
  /** By how much the lines of text fall to the right, in degrees. */
  readonly skew: number
  /** How high the print is, in pixels of the picture; null: there is hardly any. */
  readonly print: number | null
  /** The picture with its light evened and its ink dark. */
  readonly levelled: Picture
}

export const sheetOf = async (page: LoadedPage): Promise<Sheet> => {
  const ink = await findInk(page.picture)
  const levelled = darkInk(await evenLight(page.picture))
  return { page, isBlank: isBlank(ink), skew: skewOf(ink), print: printHeight(levelled), levelled }
}
