import { isSqlError } from "effect/sql/SqlError"
import { AutomationError } from "../../src/services/AutomationError.ts"
import { isMisfit, serverMessageOf } from "./sqlState.ts"

/** SQL and decoding errors become ours; ours pass. */
export const toAutomationError = (doing: string) => (error: unknown): AutomationError => {
  if (error instanceof AutomationError) return error
  if (isSqlError(error)) {
    return isMisfit(error)
      ? new AutomationError({ reason: "misfit", detail: `${doing}: ${serverMessageOf(error)}`, cause: error })
      : new AutomationError({ reason: "unavailable", detail: `${doing}: ${error.message}`, cause: error })
  }
  return new AutomationError({ reason: "misfit", detail: `${doing}: a row does not fit`, cause: error })
}
