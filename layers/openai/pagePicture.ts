import { Effect, Semaphore } from "effect"
import { maxPixels } from "../../src/domain/limits.ts"
import type { Document } from "../../src/services/DocumentReader.ts"

/** What models look at in full detail: larger pictures are scaled down by the provider (OpenAI, "Images and vision"). */
const longestSide = 2048

/** One at a time: a large picture takes some hundred megabytes while it is scaled. */
const oneAtATime = Semaphore.makeUnsafe(1)

/**
 * A page's JPEG or PNG as a data URL: upright, small, without its metadata. null for one that cannot be decoded: the
 * words are enough to go on.
 */
export const pagePicture = Effect.fnUntraced(function*({ bytes }: Document) {
  const { default: sharp } = yield* Effect.promise(() => import("sharp"))
  const scaled = Effect.tryPromise(() =>
    sharp(bytes, { limitInputPixels: maxPixels, sequentialRead: true })
      .autoOrient()
      .resize({ width: longestSide, height: longestSide, fit: "inside", withoutEnlargement: true })
      .flatten({ background: "white" })
      .jpeg({ quality: 80 })
      .toBuffer()
  ).pipe(oneAtATime.withPermits(1))
  return yield* scaled.pipe(
    Effect.map((jpeg): string | null => `data:image/jpeg;base64,${jpeg.toString("base64")}`),
    Effect.catch(() => Effect.as(Effect.logWarning("the page's picture could not be made for the model; its words go alone"), null))
  )
})
