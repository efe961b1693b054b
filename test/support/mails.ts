import { randomBytes } from "node:crypto"

let made = 0

/** A PDF by its first bytes; each one is different. */
export const somePdf = (bytes = 20_000): Buffer => Buffer.concat([Buffer.from(`%PDF-1.4\n% ${++made}\n`), randomBytes(bytes), Buffer.from("\n%%EOF\n")])

export interface MailOptions {
  readonly subject?: string
  readonly from?: string
  readonly messageId?: string | null
  readonly headers?: ReadonlyArray<string>
  readonly attachments?: ReadonlyArray<{ readonly name: string; readonly bytes: Uint8Array; readonly type?: string }>
}

const lines = (base64: string): string => base64.replaceAll(/.{76}/g, "$&\r\n")

/** A mail as most programs write it: a text, and files in base64. */
export const mailWith = ({ attachments = [], from = "Fournisseur <compta@fournisseur.example>", headers = [], messageId, subject = "Votre facture" }: MailOptions = {}): string => {
  const boundary = `=_part_${++made}`
  return [
    `From: ${from}`,
    "To: factures@firme.example",
    `Subject: ${subject}`,
    "Date: Tue, 3 Mar 2026 10:00:00 +0100",
    ...(messageId === null ? [] : [`Message-ID: <${messageId ?? `m${made}@fournisseur.example`}>`]),
    ...headers,
    "MIME-Version: 1.0",
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
    "",
    `--${boundary}`,
    "Content-Type: text/plain; charset=utf-8",
    "",
    "Veuillez trouver ci-joint votre facture.",
    ...attachments.flatMap(({ bytes, name, type = "application/pdf" }) => [
      `--${boundary}`,
      `Content-Type: ${type}; name="${name}"`,
      "Content-Transfer-Encoding: base64",
      `Content-Disposition: attachment; filename="${name}"`,
      "",
      lines(Buffer.from(bytes).toString("base64"))
    ]),
    `--${boundary}--`,
    ""
  ].join("\r\n")
}

export const invoiceMail = (options: MailOptions = {}): string => mailWith({ ...options, attachments: [{ name: "facture.pdf", bytes: somePdf() }] })
