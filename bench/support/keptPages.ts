import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Layer, Schema } from "effect"
import { Page } from "../../src/domain/Page.ts"
import { Vision } from "../../src/services/Vision.ts"

const Kept = Schema.fromJsonString(Schema.Struct({ pages: Schema.Array(Page), pageCount: Schema.Int, engine: Schema.String }))
const decode = Schema.decodeUnknownSync(Kept)
const encode = Schema.encodeSync(Kept)

/** Recognises each file once and keeps its words in a folder: for work on what comes after recognition. */
export const layer = (folder: string): Layer.Layer<Vision, never, Vision> =>
  Layer.effect(
    Vision,
    Effect.gen(function*() {
      const vision = yield* Vision
      mkdirSync(folder, { recursive: true })
      return Vision.of({
        recognise: (document) => {
          const path = join(folder, `${createHash("sha256").update(document.bytes).digest("hex")}.json`)
          return existsSync(path)
            ? Effect.sync(() => decode(readFileSync(path, "utf8")))
            : Effect.tap(vision.recognise(document), ({ engine, pageCount, pages }) => Effect.sync(() => writeFileSync(path, encode({ engine, pageCount, pages }))))
        }
      })
    })
  )
