import type { SendPart } from "../childprocess/serve.ts"
import { eInvoiceInChild } from "./eInvoiceInChild.ts"
import { Refusal } from "./Refusal.ts"

const reasonOf = {
  "not-an-invoice": { _tag: "NotAnInvoiceXml" },
  malformed: { _tag: "Damaged" },
  unsupported: { _tag: "Damaged" },
  "too-complex": { _tag: "TooComplex", limit: "size or depth of XML" }
} as const

/** Sends the fields of an e-invoice XML. Throws a `Refusal`. */
export const readXml = async (bytes: Uint8Array, sendPart: SendPart): Promise<void> => {
  const result = eInvoiceInChild(bytes)
  if (result._tag === "Failure") throw new Refusal(reasonOf[result.failure.reason], result.failure.message)
  await sendPart({ _tag: "Opened", pageCount: 1 })
  await sendPart({ _tag: "EInvoice", fields: result.success })
}
