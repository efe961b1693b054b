import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { writeFile } from "node:fs/promises"
import { startOpenAi } from "../../emulators/openai.ts"
import { startVision } from "../../emulators/vision.ts"
import { goodAnswer, invoiceWords, newPhoto } from "../../support/cloudWorld.ts"
import { tempDir } from "../../support/tempDir.ts"
import { runWorker } from "../../support/worker.ts"

describe("extract by paid providers", () => {
  it.live("reads files by hand without a database, and so without keeping what was answered", () =>
    Effect.gen(function*() {
      const [vision, openAi, folder] = yield* Effect.all([startVision, startOpenAi, tempDir])
      vision.answerImage = () => ({ fullTextAnnotation: invoiceWords })
      openAi.replies = [{ kind: "answer", content: goodAnswer }]
      const photo = yield* newPhoto
      yield* Effect.promise(() => writeFile(`${folder}/photo.jpg`, photo))
      const env = {
        GOOGLE_VISION_API_KEY: "emulated",
        GOOGLE_VISION_ENDPOINT: `http://127.0.0.1:${vision.endpoint.port}`,
        OPENAI_API_KEY: "emulated",
        OPENAI_BASE_URL: openAi.baseUrl
      }
      const { status, stderr, stdout } = yield* runWorker(folder, ["extract", "photo.jpg", "photo.jpg", "--json"], env)
      assert.strictEqual(status, 0, stderr)
      const [first] = stdout.trim().split("\n").map((line) => JSON.parse(line))
      assert.deepInclude(first, { file: "photo.jpg", source: "ocr", warnings: [] })
      assert.deepInclude(first.fields, { supplierName: "Toitures Martin SARL", amountTTC: "1200.00" })
      assert.deepStrictEqual([vision.images.length, openAi.requests.length], [2, 2])
    }).pipe(Effect.scoped))
})
