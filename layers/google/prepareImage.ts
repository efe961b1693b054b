import { Effect, Semaphore } from "effect"
import { maxPixels } from "../../src/domain/limits.ts"
import { VisionError, VisionReason } from "../../src/services/Vision.ts"
import type { Size } from "./visionPages.ts"
import { withoutMetadata } from "./withoutMetadata.ts"

/** 20 MB a request (Google Cloud Vision, "Quotas and limits"), less what wraps the picture. */
export const maxRequestBytes = 19_900_000

/** "Quotas and limits", too: Vision itself would scale a larger one down, or refuse it. */
const maxImagePixels = 75_000_000

/** What a larger picture is scaled down to: an A3 page at 400 dpi, more than recognition makes use of. */
const scaledPixels = 24_000_000

export interface PreparedImage {
  readonly bytes: Uint8Array
  /** The picture's size before any scaling, in pixels. */
  readonly original: Size
  /** Original size ÷ size sent. */
  readonly scale: number
}

/** One at a time: a large picture takes some hundred megabytes while it is scaled. */
const oneAtATime = Semaphore.makeUnsafe(1)

const badImage = () => new VisionError({ reason: VisionReason.BadImage(), detail: "the picture cannot be decoded" })

/**
 * A picture within Vision's limits and without metadata: the very pixels where they fit and stand upright, else a JPEG
 * made anew.
 */
export const prepareImage = Effect.fnUntraced(function*(
  bytes: Uint8Array
): Effect.fn.Return<PreparedImage, VisionError> {
  // sharp works in threads of its own (libuv's), so the event loop goes on.
  const { default: sharp } = yield* Effect.promise(() => import("sharp"))
  const metadata = yield* Effect.tryPromise({ try: () => sharp(bytes, { limitInputPixels: false }).metadata(), catch: badImage })
  const { height, width } = metadata.autoOrient
  const isUpright = (metadata.orientation ?? 1) === 1
  if (width * height > maxPixels) {
    return yield* new VisionError({
      reason: VisionReason.TooManyPixels({ width, height }),
      detail: `the picture has ${width} × ${height} pixels; at most ${maxPixels} are scaled down`
    })
  }
  const fits = bytes.length <= maxRequestBytes && width * height <= maxImagePixels
  if (fits && isUpright) return { bytes: withoutMetadata(bytes), original: { width, height }, scale: 1 }
  const factor = fits ? 1 : Math.min(1, Math.sqrt(scaledPixels / (width * height)))
  const { data, info } = yield* Effect.tryPromise({
    try: () =>
      sharp(bytes, { limitInputPixels: maxPixels, sequentialRead: true })
        .autoOrient()
        .resize({ width: Math.max(1, Math.round(width * factor)) })
        .flatten({ background: "white" })
        .jpeg({ quality: 88 })
        .toBuffer({ resolveWithObject: true }),
    catch: badImage
  }).pipe(oneAtATime.withPermits(1))
  if (data.length > maxRequestBytes) {
    return yield* new VisionError({ reason: VisionReason.TooComplex({ limit: "20 MB" }), detail: "the picture stays above 20 MB after scaling" })
  }
  return { bytes: data, original: { width, height }, scale: width / info.width }
})
