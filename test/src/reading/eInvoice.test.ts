import { assert, describe, it } from "@effect/vitest"
import { BigDecimal, Effect } from "effect"
import { expect } from "vitest"
import type { InvoiceFields } from "../../../src/domain/InvoiceFields.ts"
import { format } from "../../../src/domain/Money.ts"
import { readEInvoice } from "../../../src/reading/eInvoice.ts"
import { cii, said, ubl, zugferd1 } from "./xmlSamples.ts"

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

const inWords = (fields: InvoiceFields): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, BigDecimal.isBigDecimal(value) ? format(value) : value]))

const reads = (xml: Uint8Array, more: Record<string, unknown> = {}) =>
  Effect.gen(function*() {
    expect(inWords(yield* readEInvoice(xml))).toMatchObject({ ...said, ...more })
  })

const refuses = (xml: Uint8Array, reason: string) =>
  Effect.gen(function*() {
    const error = yield* Effect.flip(readEInvoice(xml))
    assert.strictEqual(error._tag, "EInvoiceError")
    assert.strictEqual(error.reason, reason)
    assert.notInclude(error.message, "SECRET")
  })

const profiles = {
  MINIMUM: "urn:factur-x.eu:1p0:minimum",
  "BASIC WL": "urn:factur-x.eu:1p0:basicwl",
  BASIC: "urn:cen.eu:en16931:2017#compliant#urn:factur-x.eu:1p0:basic",
  "EN 16931": "urn:cen.eu:en16931:2017",
  EXTENDED: "urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended",
  XRechnung: "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"
}

describe("Factur-X and ZUGFeRD 2", () => {
  for (const [name, profile] of Object.entries(profiles)) {
    const isFull = !["MINIMUM", "BASIC WL"].includes(name)
    const isMinimum = name === "MINIMUM"
    it.effect(`reads the profile ${name}`, () =>
      reads(bytes(cii({ profile, lines: isFull, breakdown: !isMinimum, payment: !isMinimum })), {
        documentType: "invoice",
        supplierVatNumber: "FR44732829320",
        supplierSiren: "732829320",
        supplierSiret: "73282932000074",
        dueDate: isMinimum ? null : "2024-07-30",
        iban: isMinimum ? null : "FR7630006000011234567890189"
      }))
  }
  it.effect("reads any prefixes, and none", () =>
    Effect.all([
      reads(bytes(cii({ profile: profiles.BASIC, prefix: ["a:", "b:", "c:"] }))),
      reads(bytes(cii({ profile: profiles.BASIC, prefix: ["", "", ""] })))
    ]))
  it.effect("reads lines and the breakdown of VAT", () =>
    Effect.gen(function*() {
      const fields = yield* readEInvoice(bytes(cii({ profile: profiles.BASIC, lines: true, breakdown: true })))
      assert.deepStrictEqual(fields.vatLines.map((line) => line.rate === null ? null : format(line.rate)), ["20.00", "10.00"])
      assert.deepStrictEqual(fields.lineItems.map((item) => item.description), ["Zinc sheet"])
    }))
  it.effect("knows a credit note, and keeps the signs that the XML has", () =>
    Effect.all([
      reads(bytes(cii({ profile: profiles.BASIC, typeCode: "381" })), { documentType: "credit-note" }),
      reads(bytes(cii({ profile: profiles.BASIC, amounts: ["-1000.00", "-150.00", "-1150.00"] })), {
        documentType: "credit-note",
        amountHT: "-1000.00",
        amountTVA: "-150.00",
        amountTTC: "-1150.00"
      })
    ]))
})

describe("other dialects", () => {
  it.effect("reads ZUGFeRD 1.0", () => reads(bytes(zugferd1), { supplierVatNumber: "FR44732829320" }))
  it.effect("reads a UBL invoice", () => reads(bytes(ubl("Invoice")), { documentType: "invoice", dueDate: "2024-07-30" }))
  it.effect("reads a UBL credit note", () => reads(bytes(ubl("CreditNote")), { documentType: "credit-note" }))
})

describe("encodings", () => {
  const xml = cii({ profile: profiles.BASIC })
  it.effect("skips a byte order mark", () => reads(bytes(`\uFEFF${xml}`)))
  it.effect("reads UTF-16", () => reads(new Uint8Array([0xff, 0xfe, ...Buffer.from(xml.replace("UTF-8", "UTF-16"), "utf16le")])))
  it.effect("reads ISO 8859-1", () =>
    reads(Buffer.from(xml.replace("UTF-8", "ISO-8859-1").replace("Toiture &amp; Zinc SARL", "Toitûre & Zinc".replace("&", "&amp;")), "latin1"), {
      supplierName: "Toitûre & Zinc"
    }))
})

describe("XML from people who mean harm", () => {
  const sample = cii({ profile: profiles.BASIC })
  const withDoctype = (doctype: string, inside: string) =>
    bytes(sample.replace("?>", `?>${doctype}`).replace("TZ-2024-0815", inside))
  it.effect("never expands entities", () =>
    refuses(withDoctype(`<!DOCTYPE a [<!ENTITY lol "SECRET"><!ENTITY lol2 "&lol;&lol;&lol;">]>`, "&lol2;"), "unsupported"))
  it.effect("never reads files", () => refuses(withDoctype(`<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>`, "&x;"), "unsupported"))
  it.effect("stops at a depth that no invoice has", () => refuses(bytes(`<Invoice>${"<a>".repeat(5_000)}`), "too-complex"))
  it.effect("stops at more elements than any invoice has", () => refuses(bytes(`<Invoice>${"<a/>".repeat(600_000)}</Invoice>`), "too-complex"))
  it.effect("does not keep a huge attachment", () =>
    reads(bytes(sample.replace("</ram:BuyerTradeParty>", `</ram:BuyerTradeParty><ram:AdditionalReferencedDocument><ram:AttachmentBinaryObject>${"QUJD".repeat(2_000_000)}</ram:AttachmentBinaryObject></ram:AdditionalReferencedDocument>`))))
  it.effect("keeps the first of thousands of lines", () =>
    Effect.gen(function*() {
      const one = /<ram:IncludedSupplyChainTradeLineItem>.*<\/ram:IncludedSupplyChainTradeLineItem>/.exec(cii({ profile: profiles.BASIC, lines: true }))?.[0] ?? ""
      const fields = yield* readEInvoice(bytes(cii({ profile: profiles.BASIC, lines: true }).replace(one, one.repeat(3_000))))
      assert.strictEqual(fields.lineItems.length, 1_000)
    }))
})

describe("what is no e-invoice", () => {
  it.effect("says so of other XML", () => refuses(bytes("<html><body>SECRET</body></html>"), "not-an-invoice"))
  it.effect("says so of an Invoice that has neither number nor total", () => refuses(bytes("<Invoice><note>SECRET</note></Invoice>"), "not-an-invoice"))
  it.effect("says so of broken XML", () => refuses(bytes("<Invoice><ID>SECRET</Invoice>"), "malformed"))
  it.effect("says so of a cut file", () => refuses(bytes(cii({ profile: profiles.BASIC }).slice(0, 900)), "malformed"))
  it.effect("says so of nothing", () => refuses(new Uint8Array(), "malformed"))
  it.effect("leaves out what is no number and no date", () =>
    reads(bytes(cii({ profile: profiles.BASIC, amounts: ["NaN", "150.00", "1150.00"] }).replace("20240630", "20240631")), { invoiceDate: null, amountHT: "1000.00" }))
})
