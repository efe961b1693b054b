import { utf8, concat } from "./bytes.ts"

/** An object of a PDF: its dictionary or, with `bytes`, a stream (whose `/Length` is added). */
export interface RawObject {
  readonly dictionary: string
  readonly bytes?: Uint8Array
}

/**
 * Writes a PDF object by object, for what a PDF library refuses to write. The first object is number 1 and must
 * be the catalog.
 */
export const rawPdf = (objects: ReadonlyArray<RawObject>): Uint8Array => {
  const parts = [utf8("%PDF-1.7\n")]
  const offsets: Array<number> = []
  let length = 9
  const add = (bytes: Uint8Array) => {
    parts.push(bytes)
    length += bytes.length
  }
  objects.forEach(({ bytes, dictionary }, index) => {
    offsets.push(length)
    if (bytes === undefined) return add(utf8(`${index + 1} 0 obj\n<< ${dictionary} >>\nendobj\n`))
    add(utf8(`${index + 1} 0 obj\n<< ${dictionary} /Length ${bytes.length} >>\nstream\n`))
    add(bytes)
    add(utf8("\nendstream\nendobj\n"))
  })
  const start = length
  add(utf8([
    `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`,
    ...offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`),
    `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`
  ].join("")))
  return concat(...parts)
}

/** Object 1 of every file here; object 2 is the page tree. */
export const catalog: RawObject = { dictionary: "/Type /Catalog /Pages 2 0 R" }
