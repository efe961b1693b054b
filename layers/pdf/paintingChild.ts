import sharp from "sharp"
import { serve } from "../childprocess/serve.ts"
import { openPdf } from "./openPdf.ts"
import { pagePicture } from "./pagePicture.ts"
import { Refusal } from "./Refusal.ts"

/** Paints the first page of a PDF; the only command there is. */
serve(async (_command, bytes, sendPart) => {
  try {
    const pdf = await openPdf(bytes, { canvas: true })
    const { data, height, width } = await pagePicture(pdf, 1)
    const jpeg = await sharp(data, { raw: { width, height, channels: 4 } }).flatten({ background: "white" }).jpeg({ quality: 80 }).toBuffer()
    await sendPart({ _tag: "Picture", jpeg: jpeg.toString("base64") })
    await pdf.loadingTask.destroy()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    await sendPart({ _tag: "Refused", detail: error.detail })
  }
})
