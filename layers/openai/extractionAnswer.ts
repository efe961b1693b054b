import { Option, Result, Schema, SchemaTransformation } from "effect"
import { toCodecOpenAI } from "effect/ai/OpenAiStructuredOutput"
import { CalendarDate } from "../../src/domain/CalendarDate.ts"
import { DocumentType, type InvoiceFields } from "../../src/domain/InvoiceFields.ts"
import { describeSchemaError } from "../../src/domain/describeSchemaError.ts"
import { Money } from "../../src/domain/Money.ts"

/** The description stands on what comes over the wire: on the outcome it would not reach the JSON Schema. */
const clean = (tidy: (text: string) => string) => (description: string) =>
  Schema.NullOr(Schema.String).annotate({ description }).pipe(
    Schema.decodeTo(
      Schema.NullOr(Schema.String),
      SchemaTransformation.transform({
        decode: (words) => (words === null ? null : tidy(words) || null),
        encode: (words) => words
      })
    )
  )

/** Models write "" for what they do not know as readily as null. */
const text = clean((words) => words.trim())

/** Numbers of registers and banks, which are printed in groups. */
const compact = clean((words) => words.replace(/[\s.-]/g, "").toUpperCase())

const Amount = Schema.NullOr(Schema.String.check(Schema.isPattern(/^-?\d{1,12}(\.\d{1,6})?$/)).pipe(Schema.decodeTo(Money)))

const Day = Schema.NullOr(CalendarDate)

const described = <S extends Schema.Top>(schema: S, description: string) => schema.annotateKey({ description })

/**
 * What the model answers: the fields of an invoice with a word on each, from which the JSON Schema of the request is
 * made, too. Strict mode allows no optional key: null is "not on the document".
 */
const ExtractionAnswer = Schema.Struct({
  documentType: described(Schema.NullOr(DocumentType), "What the document is; credit-note for an avoir, quote for a devis, other for anything else that is no invoice"),
  supplierName: text("Name of the firm that issued the document, as printed; never the customer"),
  invoiceNumber: text("The document's own number, as printed"),
  invoiceDate: described(Day, "Date of issue, as YYYY-MM-DD; French documents write day before month"),
  dueDate: described(Day, "Date until which to pay, as YYYY-MM-DD, only where it is printed"),
  currency: described(Schema.NullOr(Schema.String.check(Schema.isPattern(/^[A-Z]{3}$/))), "ISO 4217, such as EUR"),
  amountHT: described(Amount, "Total without VAT (total HT) as a plain decimal such as 1234.56; negative on a credit note"),
  amountTVA: described(Amount, "Total of VAT (TVA) as a plain decimal; negative on a credit note"),
  amountTTC: described(Amount, "Total with VAT (TTC), before any deposit or payment, as a plain decimal; negative on a credit note"),
  vatLines: described(
    Schema.Array(Schema.Struct({
      rate: described(Amount, "In per cent, such as 20 or 5.5"),
      base: described(Amount, "Amount without VAT at this rate"),
      amount: described(Amount, "VAT at this rate")
    })),
    "The breakdown of VAT, one entry a rate; empty where there is none"
  ),
  supplierVatNumber: compact("VAT number of the issuer with its country prefix"),
  supplierSiren: compact("SIREN of the issuer (9 digits)"),
  supplierSiret: compact("SIRET of the issuer (14 digits)"),
  iban: compact("IBAN to pay to"),
  lineItems: described(
    Schema.Array(Schema.Struct({ description: Schema.String, quantity: Amount, unitPrice: Amount, amount: Amount })),
    "The items of the table, where it is clear; amounts without VAT; empty where it is not"
  )
})

const { codec, jsonSchema } = toCodecOpenAI(ExtractionAnswer)

/** The JSON Schema that the answer is held to (strict mode of structured outputs). */
export const answerSchema: Record<string, unknown> = jsonSchema

const Answer = Schema.fromJsonString(codec)
const decode = Schema.decodeUnknownResult(Answer, { errors: "all" })
const encode = Schema.encodeOption(Answer)

/** The fields in the model's words; where they are no JSON or off the schema, what is wrong where, without a value. */
export const decodeAnswer = (content: string): Result.Result<InvoiceFields, string> =>
  Result.mapError(decode(content), (error) => describeSchemaError(error).slice(0, 1_000))

/** The same fields as the model would write them; null where it could not. */
export const encodeAnswer = (fields: InvoiceFields): string | null => Option.getOrNull(encode(fields))
