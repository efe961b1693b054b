import type { Box } from "../../src/domain/Page.ts"
import { grey, open, type Picture } from "./Picture.ts"

/**
 * The inked part of a page as a picture, and where it stands: a pixel (x, y) of it is the point
 * (`left` + x × `unit`, `top` + y × `unit`) of a page of `width` × `height` units.
 */
export interface LoadedPage {
  readonly picture: Picture
  readonly left: number
  readonly top: number
  readonly unit: number
  readonly width: number
  readonly height: number
}

/** The page turned by a quarter, clockwise. */
export const quarterTurn = async (page: LoadedPage): Promise<LoadedPage> => ({
  picture: await grey(open(page.picture).rotate(90)),
  left: page.height - page.top - page.picture.height * page.unit,
  top: page.left,
  unit: page.unit,
  width: page.height,
  height: page.width
})

/** A box in the pixels of the picture, in units of the page. */
export const onPage = (page: LoadedPage, box: Box): Box => ({
  x0: page.left + box.x0 * page.unit,
  y0: page.top + box.y0 * page.unit,
  x1: page.left + box.x1 * page.unit,
  y1: page.top + box.y1 * page.unit
})
