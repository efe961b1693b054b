import type { Pdf } from "./openPdf.ts"

/** Names fixed by Factur-X / ZUGFeRD 2 (Factur-X 1.0 §6.2.1), ZUGFeRD 1.0 and XRechnung, compared without case. */
const knownNames = new Set(["factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml"])

/** Roots of CII (ZUGFeRD 1.0: CrossIndustryDocument) and UBL invoices, with any prefix. */
const invoiceRoot = /<(?:[\w.-]+:)?(?:CrossIndustryInvoice|CrossIndustryDocument|Invoice|CreditNote)[\s>/]/

const maxAttachments = 20
/** Real invoices of thousands of lines stay below 5 MiB. */
const maxXmlBytes = 10 * 1024 * 1024

const looksLikeInvoice = (xml: Uint8Array): boolean => {
  const utf16 = xml[0] === 0xff || xml[0] === 0xfe || xml[0] === 0 || xml[1] === 0
  return utf16 || invoiceRoot.test(new TextDecoder("latin1").decode(xml.subarray(0, 4096)))
}

/** The attachments of a PDF that are, or claim to be, an e-invoice: those with a name of the standards first. */
export const embeddedXmls = async (pdf: Pdf): Promise<ReadonlyArray<Uint8Array>> => {
  const attachments = [...await pdf.getAttachments() ?? []].slice(0, maxAttachments).map(([id, { filename, rawFilename }]) => {
    const name = (filename || rawFilename || id).toLowerCase()
    return { id, name, known: knownNames.has(name) }
  })
  const xmls: Array<Uint8Array> = []
  for (const { id, known } of attachments.filter(({ name }) => name.endsWith(".xml")).sort((a, b) => Number(b.known) - Number(a.known))) {
    const content: unknown = await pdf.getAttachmentContent(id)
    if (!(content instanceof Uint8Array) || content.length > maxXmlBytes) continue
    if (known || looksLikeInvoice(content)) xmls.push(content)
  }
  return xmls
}
