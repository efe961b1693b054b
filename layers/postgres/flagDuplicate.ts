import { Effect, Schema } from "effect"
import type * as SqlClient from "effect/sql/SqlClient"
import { Warning } from "../../src/domain/Reading.ts"
import { isSameSupplier, possibleDuplicate } from "../../src/reading/possibleDuplicate.ts"
import type { InvoiceClaim } from "../../src/services/Invoices.ts"
import * as Statements from "./invoiceStatements.ts"

const text = Schema.NullOr(Schema.String)
const decodeTwins = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({
  id: Schema.String,
  supplierName: text,
  supplierSiren: text,
  supplierVatNumber: text,
  sha256: text,
  ownName: text,
  ownSiren: text,
  ownVatNumber: text
})))
const encodeWarning = Schema.encodeEffect(Schema.fromJsonString(Warning))

/**
 * Inside the transaction that writes a reading, after it was written: says on the row that another invoice of the
 * tenant has the same supplier and number, where one has. Values that people have set count as they set them. Of two
 * that end at the same moment the later one is flagged. Gives whether it was.
 */
export const flagDuplicate = Effect.fnUntraced(function*(sql: SqlClient.SqlClient, claim: InvoiceClaim, sha256: string) {
  yield* Statements.lockNumber(sql, claim)
  const others = yield* Statements.sameNumber(sql, claim).pipe(Effect.flatMap(decodeTwins))
  const twin = others.find(({ ownName, ownSiren, ownVatNumber, ...other }) =>
    isSameSupplier(other, { supplierName: ownName, supplierSiren: ownSiren, supplierVatNumber: ownVatNumber }))
  if (twin === undefined) return false
  yield* Statements.addWarning(sql, claim, yield* encodeWarning(possibleDuplicate(twin.id, twin.sha256 === sha256)))
  return true
})
