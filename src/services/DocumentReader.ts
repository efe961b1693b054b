import { Context, Data, type Effect } from "effect"
import type { DocumentKind, OtherKind } from "../domain/DocumentKind.ts"
import type { Failure } from "../domain/Failure.ts"
import type { InvoiceFields } from "../domain/InvoiceFields.ts"
import type { Page } from "../domain/Page.ts"
import { sizeInWords } from "../domain/plainWords.ts"
import { Retry } from "../domain/Retry.ts"

/** A file and what its first bytes say it is. */
export interface Document {
  readonly kind: DocumentKind
  readonly bytes: Uint8Array
}

/** What can be read without recognising characters. */
export interface DocumentContent {
  readonly pageCount: number
  /** The fields of the e-invoice XML that the file is or carries; null where there is none or it is unusable. */
  readonly eInvoice: InvoiceFields | null
  /** Why an embedded XML was left aside (operators' words, no content), where there was one. */
  readonly eInvoiceProblem: string | null
  /** The text layer, page by page; empty for pictures and XML. */
  readonly pages: ReadonlyArray<Page>
}

/**
 * Opens files from outside. Everything that parses them runs outside this process, under limits of pages,
 * pixels, time and memory, so that no file can block or end the supervisor.
 */
export class DocumentReader extends Context.Service<DocumentReader, {
  /** The structure, the embedded e-invoice and the text layer. Pictures are only checked (size, wholeness). */
  readonly read: (document: Document) => Effect.Effect<DocumentContent, DocumentError>
}>()("tt-worker/services/DocumentReader") {}

export type DocumentReason = Data.TaggedEnum<{
  Empty: {}
  NotSupported: { readonly kind: OtherKind }
  Damaged: {}
  Encrypted: {}
  NoPages: {}
  TooManyPages: { readonly pages: number; readonly limit: number }
  TooManyPixels: { readonly width: number; readonly height: number }
  /** An XML file that is well-formed but no invoice in CII or UBL. */
  NotAnInvoiceXml: {}
  /** Limits of time, memory or depth were hit while parsing. */
  TooComplex: { readonly limit: string }
  TooLarge: { readonly bytes: number; readonly limit: number }
  /** The parsing process could not be started or broke without the file being to blame. */
  ReaderBroke: {}
}>
export const DocumentReason = Data.taggedEnum<DocumentReason>()

const kindInWords: Record<OtherKind, string> = {
  heic: "a HEIC photo (the iPhone's own format)",
  tiff: "a TIFF picture",
  webp: "a WebP picture",
  gif: "a GIF picture",
  bmp: "a BMP picture",
  zip: "a ZIP or Office file",
  html: "a web page",
  text: "plain text",
  unknown: "of an unknown kind"
}

/** `detail` says what happened, for operators, without any content of the file. */
export class DocumentError
  extends Data.TaggedError("DocumentError")<{ readonly reason: DocumentReason; readonly detail: string; readonly cause?: unknown }>
  implements Failure
{
  override get message(): string {
    return `document: ${this.detail}`
  }
  get code(): string {
    return DocumentReason.$match(this.reason, {
      Empty: () => "file-empty",
      NotSupported: () => "file-type-not-supported",
      Damaged: () => "file-damaged",
      Encrypted: () => "file-encrypted",
      NoPages: () => "file-without-pages",
      TooManyPages: () => "too-many-pages",
      TooManyPixels: () => "image-too-large",
      NotAnInvoiceXml: () => "xml-not-an-invoice",
      TooComplex: () => "file-too-complex",
      TooLarge: () => "file-too-large",
      ReaderBroke: () => "reader-unavailable"
    })
  }
  get retry(): Retry {
    return this.reason._tag === "ReaderBroke" ? Retry.Transient() : Retry.Permanent()
  }
  get plainWords(): string {
    return DocumentReason.$match(this.reason, {
      Empty: () => "The file is empty (0 bytes). Please upload the invoice again.",
      NotSupported: ({ kind }) =>
        `The file is ${kindInWords[kind]}, which cannot be read. Please upload a PDF, JPEG or PNG, or e-invoice XML.`,
      Damaged: () => "The file is damaged or incomplete and cannot be opened. Please upload the invoice again.",
      Encrypted: () => "The PDF is protected by a password. Please upload a copy without a password.",
      NoPages: () => "The PDF has no pages. Please upload the invoice again.",
      TooManyPages: ({ limit, pages }) =>
        `The PDF has ${pages} pages; at most ${limit} can be read. Please upload only the invoice itself.`,
      TooManyPixels: ({ height, width }) =>
        `The picture is too large to read (${width} × ${height} pixels). Please upload a smaller one.`,
      NotAnInvoiceXml: () => "The XML file is not an invoice in a known format (CII or UBL). Please upload the invoice as PDF.",
      TooComplex: () => "The file is too complex to be read safely. Please upload a scan or a photo of the invoice instead.",
      TooLarge: ({ bytes, limit }) =>
        `The file is too large (${sizeInWords(bytes)}): at most ${sizeInWords(limit)} can be read. Please upload a smaller scan or photo.`,
      ReaderBroke: () => "The file could not be opened because of a fault on our side. Please have the invoice processed again later."
    })
  }
}
