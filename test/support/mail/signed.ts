import { binary, joined } from "./composeMail.ts"

const length = (size: number): Uint8Array =>
  size < 0x80 ? Uint8Array.of(size) : Uint8Array.of(0x84, (size >>> 24) & 255, (size >>> 16) & 255, (size >>> 8) & 255, size & 255)

const element = (tag: number, ...content: ReadonlyArray<Uint8Array>): Uint8Array => {
  const body = joined(content)
  return joined([Uint8Array.of(tag), length(body.length), body])
}

/** BER's indefinite length, as mailers write that sign while they stream. */
const open = (tag: number, ...content: ReadonlyArray<Uint8Array>): Uint8Array => joined([Uint8Array.of(tag, 0x80), ...content, Uint8Array.of(0, 0)])

const objectId = (...last: ReadonlyArray<number>): Uint8Array => element(0x06, binary("\u002A\u0086\u0048\u0086\u00F7\u000D"), Uint8Array.from(last))
const data = objectId(1, 7, 1)
const version = element(0x02, Uint8Array.of(1))
const algorithms = element(0x31, element(0x30, element(0x06, binary("\u0060\u0086\u0048\u0001\u0065\u0003\u0004\u0002\u0001"))))
/** Not real ones: nobody checks them here. */
const signers = element(0x31, element(0x30, version))

/** Signed-only CMS with its content, in DER or in streamed BER with the content in pieces. */
export const signedData = (content: Uint8Array, form: "der" | "ber" = "der"): Uint8Array => {
  if (form === "der") {
    return element(0x30, objectId(1, 7, 2), element(0xa0, element(0x30, version, algorithms, element(0x30, data, element(0xa0, element(0x04, content))), signers)))
  }
  const pieces: Array<Uint8Array> = []
  for (let from = 0; from < content.length; from += 1_000) pieces.push(element(0x04, content.subarray(from, from + 1_000)))
  return open(0x30, objectId(1, 7, 2), open(0xa0, open(0x30, version, algorithms, open(0x30, data, open(0xa0, open(0x24, ...pieces))), signers)))
}

export const envelopedData = element(0x30, objectId(1, 7, 3), element(0xa0, element(0x30, version)))
