import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3"
import { Effect, type Scope } from "effect"
import { unknownFields } from "../../src/domain/InvoiceFields.ts"
import { startOpenAi } from "../../test/emulators/openai.ts"
import { startS3 } from "../../test/emulators/s3.ts"
import { annotation, startVision, word } from "../../test/emulators/vision.ts"
import { type Document, markIn, markOf } from "../load/documents.ts"
import { type Gates } from "./gates.ts"

/** Storage, recognition and extraction as a worker sees them: ports on loopback behind which each request can be held. */
export interface OutsideWorld {
  readonly ports: { readonly storage: number; readonly vision: number; readonly openAi: number }
  readonly account: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly bucket: string }
  readonly store: (document: Document) => Effect.Effect<void>
  /** The gates of the scenario that runs now. */
  gates: Gates
}

const fields = { ...unknownFields, documentType: "invoice", supplierName: "Toitures Fictives Martin SARL", amountHT: "100.00", amountTVA: "20.00", amountTTC: "120.00" }

const lines = ["Toitures Fictives Martin SARL", "Facture", "Total HT 100,00", "TVA 20,00", "Total TTC 120,00"]

const words = (invoiceId: string) =>
  [...lines, markOf(invoiceId)].flatMap((line, row) =>
    line.split(" ").map((text, index, all) =>
      word(text, { x: 40 + 90 * index, y: 40 + 30 * row, width: 80, height: 20 }, { ends: index === all.length - 1 ? "LINE_BREAK" : "SPACE" })))

const headOf = (content: unknown): string => content instanceof Uint8Array ? Buffer.from(content.subarray(0, 200)).toString("latin1") : ""

const portOf = (url: string): number => Number(new URL(url).port)

export const startOutsideWorld = (gates: Gates): Effect.Effect<OutsideWorld, never, Scope.Scope> =>
  Effect.gen(function*() {
    const s3 = yield* startS3
    const vision = yield* startVision
    const openAi = yield* startOpenAi
    const client = yield* Effect.acquireRelease(
      Effect.sync(() =>
        new S3Client({
          endpoint: s3.endpoint,
          region: "us-east-1",
          forcePathStyle: true,
          credentials: s3.account,
          requestChecksumCalculation: "WHEN_REQUIRED",
          responseChecksumValidation: "WHEN_REQUIRED"
        })),
      (open) => Effect.sync(() => open.destroy())
    )
    const world: OutsideWorld = {
      ports: { storage: portOf(s3.endpoint), vision: vision.endpoint.port, openAi: portOf(openAi.baseUrl) },
      account: { ...s3.account, bucket: s3.bucket },
      store: ({ bytes, key }) => Effect.asVoid(Effect.promise(() => client.send(new PutObjectCommand({ Bucket: s3.bucket, Key: key, Body: bytes, ContentLength: bytes.length })))),
      gates
    }
    // What is not on the page would be asked for once more.
    openAi.replies = [{ kind: "work-out", content: ({ body }) => Promise.resolve(markIn(JSON.stringify(body["messages"])) === "" ? unknownFields : fields) }]
    s3.before = ({ method, target }, peer) => {
      // Nobody looks back at them; a long run would keep them all.
      s3.requests.length = 0
      const invoiceId = /^\/[^/]+\/([^/]+)\//.exec(target)?.[1] ?? ""
      return method === "GET" ? world.gates.pass("download", invoiceId, peer) : Promise.resolve()
    }
    vision.answerImage = ({ image }) => ({ fullTextAnnotation: annotation({ width: 480, height: 680 }, words(markIn(headOf(image?.content)))) })
    vision.before = (images, peer) => {
      vision.images.length = 0
      return world.gates.pass("recognition", markIn(headOf(images[0]?.image?.content)), peer)
    }
    openAi.before = ({ body }, peer) => {
      openAi.requests.length = 0
      return world.gates.pass("extraction", markIn(JSON.stringify(body["messages"] ?? "")), peer)
    }
    return world
  })
