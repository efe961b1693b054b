import { isSqlError } from "effect/sql/SqlError"
import { SchedulesError } from "../../src/services/Schedules.ts"
import { isMisfit } from "./sqlState.ts"

/** SQL and decoding errors become ours; ours pass. */
export const toSchedulesError = (doing: string) => (error: unknown): SchedulesError => {
  if (error instanceof SchedulesError) return error
  if (isSqlError(error)) {
    return isMisfit(error)
      ? new SchedulesError({ reason: "misfit", detail: `${doing}: ${error.message}; the tables do not fit, run \`migrate\``, cause: error })
      : new SchedulesError({ reason: "unavailable", detail: `${doing}: ${error.message}`, cause: error })
  }
  return new SchedulesError({ reason: "misfit", detail: `${doing}: a row does not fit`, cause: error })
}
