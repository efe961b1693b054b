import { Duration, Effect, Layer, Schema } from "effect"
import type { Document } from "../../src/services/DocumentReader.ts"
import { PagePictures } from "../../src/services/PagePictures.ts"
import * as ChildPool from "../childprocess/ChildPool.ts"
import { entryBeside } from "../childprocess/entryBeside.ts"

const Part = Schema.Union([
  Schema.Struct({ _tag: Schema.Literal("Picture"), jpeg: Schema.Uint8ArrayFromBase64 }),
  Schema.Struct({ _tag: Schema.Literal("Refused"), detail: Schema.String })
])

const MiB = 1024 * 1024

/** A page takes less than a second; a model's time is not spent on one that takes longer. */
const timeLimit = Duration.seconds(10)

/** Pages of PDFs painted in a child process, which is started for the first one. */
export const layer: Layer.Layer<PagePictures> = Layer.effect(
  PagePictures,
  Effect.gen(function*() {
    const children = yield* ChildPool.make({
      name: "page painter",
      entry: entryBeside(import.meta.url, "paintingChild"),
      part: Part,
      size: 1,
      idleFor: Duration.seconds(30),
      requestsPerChild: 50,
      heapMegabytes: 192,
      softMemory: 260 * MiB,
      hardMemory: 330 * MiB
    })

    const paint = Effect.fnUntraced(function*(bytes: Uint8Array) {
      const [part] = yield* children.ask({ command: "pdf", bytes, timeLimit, silenceLimit: timeLimit })
      if (part?._tag === "Picture") return { kind: "jpeg", bytes: part.jpeg } satisfies Document
      yield* Effect.logInfo(`the page could not be painted for the model: ${part?.detail ?? "nothing came back"}`)
      return null
    })

    return PagePictures.of({
      first: Effect.fn("PagePictures.first")((document: Document): Effect.Effect<Document | null> => {
        switch (document.kind) {
          case "jpeg":
          case "png":
            return Effect.succeed(document)
          case "xml":
            return Effect.succeed(null)
          case "pdf":
            return paint(document.bytes).pipe(
              Effect.catch((error) => Effect.as(Effect.logWarning(`the page could not be painted for the model: ${error.message}`), null))
            )
        }
      })
    })
  })
)
