import type { MailSkipReason } from "../../../src/mail/judgeMail.ts"

/** A mail's header with what must be thought of it, where everybody may send. */
export interface JudgedMail {
  readonly title: string
  readonly headers: ReadonlyArray<string>
  /** Null: the mail is looked into. */
  readonly skip: MailSkipReason | null
}

const one = (title: string, skip: MailSkipReason | null, ...headers: ReadonlyArray<string>): JudgedMail => ({
  title,
  skip,
  headers: headers.some((line) => line.startsWith("From:")) ? headers : ["From: Compta <compta@fournisseur.example>", ...headers]
})

export const judgedMails: ReadonlyArray<JudgedMail> = [
  one("an ordinary mail", null, "Subject: Facture 12"),
  one("an invoice from a billing system", null, "Auto-Submitted: auto-generated", "Precedence: bulk", "X-Auto-Response-Suppress: All", "Subject: Votre facture de janvier"),
  one("an invoice sent through a mailing list", null, "Precedence: list", "List-Id: <factures.example>"),
  one("an invoice with an empty return path", null, "Return-Path: <>", "Subject: Facture"),
  one("a mail that says it was not sent automatically", null, "Auto-Submitted: no", "Subject: Réponse automatique : non, c'est moi"),
  one("a mail about an absence, by a person", null, "Subject: Absence du bureau: facture à régler avant"),
  one("a signed mail", null, "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\""),
  one("a bounce of today", "bounce", "From: Mail Delivery System <MAILER-DAEMON@mx.example>", "Return-Path: <>", "Auto-Submitted: auto-replied", "Content-Type: multipart/report; report-type=delivery-status; boundary=b"),
  one("a bounce of qmail", "bounce", "From: MAILER-DAEMON@mx.example", "Return-Path: <>", "Subject: failure notice"),
  one("a bounce of Exchange", "bounce", "From: Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@client.example>", "Content-Type: MULTIPART/Report;\r\n report-type=\"Delivery-Status\"; boundary=b"),
  one("a bounce of Gmail", "bounce", "X-Failed-Recipients: personne@client.example"),
  one("a complaint", "bounce", "Content-Type: multipart/report; report-type=feedback-report; boundary=b"),
  one("a read receipt", "receipt", "Content-Type: multipart/report; report-type=disposition-notification; boundary=b"),
  one("an absence notice by the standard", "automatic-reply", "Auto-Submitted: auto-replied (vacation)"),
  one("an absence notice of Outlook", "automatic-reply", "Auto-Submitted: auto-generated", "X-Auto-Response-Suppress: All", "Subject: =?utf-8?Q?R=C3=A9ponse_automatique_:_Facture?="),
  one("an absence notice of Outlook, in English", "automatic-reply", "X-Auto-Response-Suppress: All", "Subject: Automatic reply: Invoice 12"),
  one("an absence notice of old", "automatic-reply", "Precedence: auto_reply"),
  one("a reply by an autoresponder", "automatic-reply", "X-Autoreply: yes")
]
