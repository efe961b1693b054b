import type { SkipReason } from "./SkipReason.ts"

/** What to think of a part by what its sender declares, before any of its bytes is known. */
export type DeclaredKind =
  /** Most likely a file that is imported, or one of unsaid kind. */
  | { readonly _tag: "File" }
  /** A kind that is not imported, if it is what it says. */
  | { readonly _tag: "Doubtful" }
  | { readonly _tag: "Container" }
  | { readonly _tag: "Skip"; readonly reason: SkipReason }

const wantedName = /\.(pdf|jpe?g|jfif|png|xml)$/i
const containerName = /(\.(zip|eml|p7m|p7s\.p7m)|^winmail.*\.dat|\.tnef)$/i
const textName = /\.(txt|csv|log|md|asc|css|js|json|rtf|ya?ml|ini|diff|patch)$/i
const pageName = /\.(html?|xhtml|mht(ml)?)$/i

const byType: Readonly<Record<string, SkipReason>> = {
  "text/calendar": "calendar",
  "application/ics": "calendar",
  "text/x-vcalendar": "calendar",
  "text/vcard": "contact-card",
  "text/x-vcard": "contact-card",
  "text/directory": "contact-card",
  "application/pkcs7-signature": "signature",
  "application/x-pkcs7-signature": "signature",
  "application/pgp-signature": "signature",
  "application/pgp-keys": "signature",
  "application/pgp-encrypted": "encrypted",
  "text/rfc822-headers": "mail-report"
}

const containerTypes = new Set([
  "application/zip",
  "application/x-zip",
  "application/x-zip-compressed",
  "application/ms-tnef",
  "application/vnd.ms-tnef",
  "application/pkcs7-mime",
  "application/x-pkcs7-mime",
  "message/rfc822",
  "message/global",
  "message/news"
])

/** Types that say what is imported, or nothing at all. */
const fileTypes = /^(application\/(pdf|x-pdf|acrobat|vnd\.pdf|(.+\+)?xml|octet-stream|x-octet-stream|octetstream|binary|unknown|x-unknown|force-download|x-download|download|x-unknown-content-type|x-msdownload|applefile)|text\/(pdf|x-pdf|xml)|image\/(jpe?g|pjpeg|png|x-png|pdf|x-citrix-p?jpe?g|x-citrix-png)|unknown\/.*|x-unknown\/.*)$/

const skip = (reason: SkipReason): DeclaredKind => ({ _tag: "Skip", reason })

/** `smimeType` is the parameter of application/pkcs7-mime. */
export const declaredKind = (type: string, name: string | null, isBase64: boolean, smimeType: string | undefined): DeclaredKind => {
  const isWantedName = name !== null && wantedName.test(name)
  if (type === "message/partial") return skip("partial-mail")
  if (type === "message/external-body") return skip("external-file")
  if (/^application\/(x-)?pkcs7-mime$/.test(type) && /^(enveloped|auth-enveloped|compressed)-data$/i.test(smimeType ?? "")) return skip("encrypted")
  if (containerTypes.has(type) || type.startsWith("multipart/")) return { _tag: "Container" }
  if (type.startsWith("message/")) return isWantedName ? { _tag: "File" } : skip("mail-report")
  if (isWantedName) return { _tag: "File" }
  if (name !== null && containerName.test(name)) return { _tag: "Container" }
  const reason = byType[type]
  if (reason !== undefined) return skip(reason)
  if (type.startsWith("text/") && name !== null && !isBase64) {
    // Text that was not even encoded for transfer is what its name says.
    if (pageName.test(name)) return skip("web-page")
    if (textName.test(name)) return skip("text")
  }
  return fileTypes.test(type) && !(name !== null && (textName.test(name) || pageName.test(name))) ? { _tag: "File" } : { _tag: "Doubtful" }
}
