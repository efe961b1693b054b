/** Mails built byte by byte, well-formed or not: a library would refuse to write what has to be tested. */
export interface Part {
  /** Header lines without their line ends; folded ones hold their own. */
  readonly headers: ReadonlyArray<string | Uint8Array>
  readonly body: Uint8Array
}

export const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "utf8"))
/** One byte per character: for raw Windows-1252 and other encodings. */
export const binary = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"))

export const joined = (pieces: Iterable<string | Uint8Array>): Uint8Array =>
  new Uint8Array(Buffer.concat(Array.from(pieces, (piece) => (typeof piece === "string" ? Buffer.from(piece, "utf8") : piece))))

export const base64Lines = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64").replaceAll(/.{76}/g, "$&\r\n")

export const quotedPrintable = (bytes: Uint8Array): string => {
  const escaped = Array.from(bytes, (byte) => (byte >= 0x21 && byte <= 0x7e && byte !== 0x3d ? String.fromCharCode(byte) : `=${byte.toString(16).toUpperCase().padStart(2, "0")}`))
  let text = ""
  let column = 0
  for (const piece of escaped) {
    if (column + piece.length > 75) {
      text += "=\r\n"
      column = 0
    }
    text += piece
    column += piece.length
  }
  return text
}

export const uuencoded = (bytes: Uint8Array, name: string): string => {
  const digit = (value: number): string => (value === 0 ? "`" : String.fromCharCode(value + 32))
  const lines = [`begin 644 ${name}`]
  for (let from = 0; from < bytes.length; from += 45) {
    const line = bytes.subarray(from, from + 45)
    let text = digit(line.length)
    for (let at = 0; at < line.length; at += 3) {
      const [a = 0, b = 0, c = 0] = line.subarray(at, at + 3)
      text += digit(a >> 2) + digit(((a & 3) << 4) | (b >> 4)) + digit(((b & 15) << 2) | (c >> 6)) + digit(c & 63)
    }
    lines.push(text)
  }
  return [...lines, "`", "end", ""].join("\r\n")
}

export const serialised = (part: Part): Uint8Array =>
  joined([...part.headers.flatMap((line) => [line, "\r\n"]), "\r\n", part.body])

export interface LeafOptions {
  readonly type?: string
  /** Written into the disposition as it is, in quotes. */
  readonly name?: string
  readonly disposition?: "attachment" | "inline"
  readonly encoding?: "base64" | "quoted-printable" | "8bit"
  readonly headers?: ReadonlyArray<string | Uint8Array>
}

export const leaf = (body: Uint8Array, options: LeafOptions = {}): Part => {
  const encoding = options.encoding ?? "base64"
  const disposition = options.name === undefined ? options.disposition : `${options.disposition ?? "attachment"}; filename="${options.name}"`
  return {
    headers: [
      ...(options.type === undefined ? [] : [`Content-Type: ${options.type}`]),
      `Content-Transfer-Encoding: ${encoding}`,
      ...(disposition === undefined ? [] : [`Content-Disposition: ${disposition}`]),
      ...(options.headers ?? [])
    ],
    body: encoding === "base64" ? bytesOf(`${base64Lines(body)}\r\n`) : encoding === "quoted-printable" ? bytesOf(`${quotedPrintable(body)}\r\n`) : body
  }
}

export const textPart = (text: string, type = "text/plain; charset=utf-8"): Part => leaf(bytesOf(text), { type, encoding: "8bit" })

let boundaries = 0

export interface MultipartOptions {
  /** What the header says; null: it says nothing of it. */
  readonly declared?: string | null
  readonly boundary?: string
  readonly isClosed?: boolean
}

export const multipart = (subtype: string, parts: ReadonlyArray<Part>, options: MultipartOptions = {}): Part => {
  const boundary = options.boundary ?? `=_part_${++boundaries}`
  const declared = options.declared === undefined ? boundary : options.declared
  return {
    headers: [`Content-Type: multipart/${subtype}${declared === null ? "" : `; boundary="${declared}"`}`],
    body: joined([
      ...parts.flatMap((part) => [`--${boundary}\r\n`, serialised(part), "\r\n"]),
      ...(options.isClosed === false ? [] : [`--${boundary}--\r\n`])
    ])
  }
}

/** A mail within a mail; in base64, which the standard forbids, as some gateways do. */
export const forwarded = (mail: Uint8Array, encoding: "7bit" | "base64" = "7bit"): Part => ({
  headers: ["Content-Type: message/rfc822", `Content-Transfer-Encoding: ${encoding}`, "Content-Disposition: attachment"],
  body: encoding === "base64" ? bytesOf(base64Lines(mail)) : mail
})

export interface MailOptions {
  readonly subject?: string
  /** Null: the mail has none. */
  readonly messageId?: string | null
  readonly headers?: ReadonlyArray<string | Uint8Array>
}

let mails = 0

export const mail = (root: Part, options: MailOptions = {}): Uint8Array => {
  const messageId = options.messageId === undefined ? `<${++mails}.hard@fournisseur.example>` : options.messageId
  return serialised({
    headers: [
      "From: Compta Fournisseur <compta@fournisseur.example>",
      "To: factures@client.example",
      `Subject: ${options.subject ?? "Votre facture"}`,
      "Date: Mon, 02 Feb 2026 08:00:00 +0100",
      ...(messageId === null ? [] : [`Message-ID: ${messageId}`]),
      "MIME-Version: 1.0",
      ...(options.headers ?? []),
      ...root.headers
    ],
    body: root.body
  })
}
