import { isSqlError } from "effect/sql/SqlError"
import { ReconciliationError } from "../../src/services/Reconciliation.ts"
import { serverMessageOf } from "./sqlState.ts"

export const toReconciliationError = (error: unknown): ReconciliationError =>
  new ReconciliationError({ detail: isSqlError(error) ? serverMessageOf(error) : "a row does not fit; run `migrate`", cause: error })
