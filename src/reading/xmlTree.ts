import { Effect, Stream } from "effect"
import * as Xml from "effect/encoding/Xml"

/** An element by its local name: namespace prefixes are the writer's own choice and carry no meaning here. */
export interface XmlNode {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: ReadonlyArray<XmlNode>
  readonly text: string
}

export type XmlTreeError =
  | { readonly _tag: "Malformed"; readonly line: number | null }
  | { readonly _tag: "Unsupported" }
  | { readonly _tag: "TooComplex"; readonly limit: string }
  | { readonly _tag: "UnwantedRoot" }

/** What bounds the work and the memory that an XML from outside can cause. */
export const limits = {
  /** The deepest element of CII stands at 12, of UBL at 11. */
  depth: 64,
  /** An invoice of 5,000 lines in the EXTENDED profile has about 250,000. */
  elements: 500_000,
  /** An attachment in base64 is one token; files end at 20 MiB, in UTF-8 as in characters. */
  token: 24 * 1024 * 1024,
  /** Text kept of one element: no field that is read is longer. */
  text: 2_000,
  /** Elements of one name kept below one parent: more lines than this are counted, not kept. */
  siblings: 1_000
}

/** Base64 attachments: nothing in them is read. */
const heavy = new Set(["EmbeddedDocumentBinaryObject", "AttachmentBinaryObject", "BinaryObject", "UBLExtensions"])

const localName = (name: string): string => name.slice(name.indexOf(":") + 1)

interface Building {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: Array<XmlNode>
  readonly counts: Map<string, number>
  text: string
}

/** Collects events into a tree, leaving out what is too heavy to be a field. */
class Collector {
  private readonly open: Array<Building> = []
  /** Depth inside an element that is left out; 0 outside of such. */
  private skipping = 0
  private elements = 0
  root: XmlNode | null = null
  private readonly wanted: ReadonlySet<string>

  constructor(wanted: ReadonlySet<string>) {
    this.wanted = wanted
  }

  push(event: Xml.Event): XmlTreeError | null {
    switch (event._tag) {
      case "StartElement":
        return this.start(localName(event.name), event.attributes)
      case "EndElement":
        return this.end()
      case "Text": {
        const top = this.open.at(-1)
        if (top !== undefined && this.skipping === 0 && top.text.length < limits.text) {
          top.text += event.text.slice(0, limits.text - top.text.length)
        }
        return null
      }
      default:
        return null
    }
  }

  private start(name: string, attributes: Readonly<Record<string, string>>): XmlTreeError | null {
    this.elements++
    if (this.elements > limits.elements) return { _tag: "TooComplex", limit: `${limits.elements} elements` }
    const parent = this.open.at(-1)
    if (parent === undefined && !this.wanted.has(name)) return { _tag: "UnwantedRoot" }
    const count = (parent?.counts.get(name) ?? 0) + 1
    parent?.counts.set(name, count)
    if (this.skipping > 0 || heavy.has(name) || count > limits.siblings) this.skipping++
    else this.open.push({ name, attributes, children: [], counts: new Map(), text: "" })
    return null
  }

  private end(): null {
    if (this.skipping > 0) {
      this.skipping--
      return null
    }
    const done = this.open.pop()
    if (done === undefined) return null
    const node: XmlNode = { name: done.name, attributes: done.attributes, children: done.children, text: done.text.trim() }
    const parent = this.open.at(-1)
    if (parent === undefined) this.root = node
    else parent.children.push(node)
    return null
  }
}

/** The encoding by byte order mark or declaration (XML 1.0, appendix F); null where the parser's own UTF-8 serves. */
const otherEncoding = (xml: Uint8Array): string | null => {
  if (xml[0] === 0xff && xml[1] === 0xfe) return "utf-16le"
  if (xml[0] === 0xfe && xml[1] === 0xff) return "utf-16be"
  if (xml[0] === 0x3c && xml[1] === 0x00) return "utf-16le"
  if (xml[0] === 0x00 && xml[1] === 0x3c) return "utf-16be"
  const head = String.fromCharCode(...xml.subarray(0, 200))
  const declared = /^(?:\u00ef\u00bb\u00bf)?<\?xml[^>]*?\bencoding\s*=\s*["']([\w.:-]+)["']/.exec(head)?.[1]?.toLowerCase()
  return declared !== undefined && /^(iso-8859-(1|15)|latin1|windows-1252|cp1252)$/.test(declared)
    ? declared.replace(/^cp/, "windows-").replace("latin1", "iso-8859-1")
    : null
}

const chunkBytes = 64 * 1024

function* chunksOf(xml: Uint8Array): Generator<Uint8Array> {
  for (let from = 0; from < xml.length; from += chunkBytes) yield xml.subarray(from, from + chunkBytes)
}

function* decodedChunksOf(xml: Uint8Array, encoding: string): Generator<string> {
  const decoder = new TextDecoder(encoding)
  for (const chunk of chunksOf(xml)) yield decoder.decode(chunk, { stream: true })
  yield decoder.decode()
}

const fromXmlError = (error: Xml.XmlError): XmlTreeError => {
  switch (error.kind) {
    case "Limit":
      return { _tag: "TooComplex", limit: `depth ${limits.depth} or tokens of ${limits.token} characters` }
    case "Unsupported":
      return { _tag: "Unsupported" }
    case "Syntax":
    case "InvalidEvent":
      return { _tag: "Malformed", line: error.line ?? null }
  }
}

/**
 * Parses an untrusted XML as a stream into a tree of its fields. Entities are never expanded, nothing external is
 * read. Ends at the first element when the root is none of `roots` (local names).
 */
export const parseTree = (xml: Uint8Array, roots: ReadonlySet<string>): Effect.Effect<XmlNode, XmlTreeError> =>
  Effect.suspend(() => {
    const collector = new Collector(roots)
    const options = { maxDepth: limits.depth, maxTokenSize: limits.token }
    const encoding = otherEncoding(xml)
    const events = encoding === null
      ? Stream.fromIterable(chunksOf(xml), { chunkSize: 1 }).pipe(Stream.pipeThroughChannel(Xml.decode(options)))
      : Stream.fromIterable(decodedChunksOf(xml, encoding), { chunkSize: 1 }).pipe(
        Stream.pipeThroughChannel(Xml.decodeString(options))
      )
    return events.pipe(
      Stream.mapError(fromXmlError),
      Stream.runForEachArray((chunk) => {
        for (const event of chunk) {
          const problem = collector.push(event)
          if (problem !== null) return Effect.fail(problem)
        }
        return Effect.void
      }),
      Effect.flatMap(() =>
        collector.root === null ? Effect.fail<XmlTreeError>({ _tag: "Malformed", line: null }) : Effect.succeed(collector.root)
      )
    )
  })

/** The first element at a path of local names below `node`. */
export const at = (node: XmlNode | null, ...path: ReadonlyArray<string>): XmlNode | null => {
  let here = node
  for (const name of path) here = here?.children.find((child) => child.name === name) ?? null
  return here
}

/** All elements of a name right below the element at a path. */
export const allAt = (node: XmlNode | null, ...path: ReadonlyArray<string>): ReadonlyArray<XmlNode> => {
  const parent = at(node, ...path.slice(0, -1))
  const name = path.at(-1)
  return parent === null ? [] : parent.children.filter((child) => child.name === name)
}

/** The text at a path; null where there is none. */
export const textAt = (node: XmlNode | null, ...path: ReadonlyArray<string>): string | null => {
  const text = at(node, ...path)?.text ?? ""
  return text === "" ? null : text
}
