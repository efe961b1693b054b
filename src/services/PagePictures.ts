import { Context, Effect, Layer } from "effect"
import type { Document } from "./DocumentReader.ts"

/** Pages as pictures, for a model that sees. Never fails: the words are enough to go on. */
export class PagePictures extends Context.Service<PagePictures, {
  /** The document's first page as a JPEG or PNG; null where it has none or cannot be painted. A picture is its own page. */
  readonly first: (document: Document) => Effect.Effect<Document | null>
}>()("tt-worker/services/PagePictures") {
  /** For a model that is given words alone. */
  static readonly none: Layer.Layer<PagePictures> = Layer.succeed(PagePictures, { first: () => Effect.succeed(null) })
}
