import { type Handler, serve } from "../childprocess/serve.ts"
import { Refusal } from "./Refusal.ts"

/** The command is the file's kind; each reader is loaded when the first file of its kind comes. */
const read: Handler = async (kind, bytes, sendPart) => {
  switch (kind) {
    case "pdf":
      return (await import("./readPdf.ts")).readPdf(bytes, sendPart)
    case "xml":
      return (await import("./readXml.ts")).readXml(bytes, sendPart)
    case "jpeg":
    case "png":
      await (await import("./checkPicture.ts")).checkPicture(bytes)
      return sendPart({ _tag: "Opened", pageCount: 1 })
    default:
      throw new TypeError("a kind of file that is not read")
  }
}

serve((kind, bytes, sendPart) =>
  read(kind, bytes, sendPart).catch((error: unknown) => {
    if (error instanceof Refusal) return sendPart({ _tag: "Refused", reason: error.reason, detail: error.detail })
    throw error
  })
)
