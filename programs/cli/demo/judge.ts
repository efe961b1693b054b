import type { DemoInvoice } from "../../../src/services/DemoApi.ts"
import type { Expectation } from "./samples.ts"

/** What ended otherwise than it should, in words; nothing when all is well. A given file should end as processed. */
export const judge = (expectation: Expectation | null, invoice: DemoInvoice): ReadonlyArray<string> => {
  const expected = expectation?.expected ?? "processed"
  if (invoice.status !== expected) return [`${invoice.status} instead of ${expected}`]
  if (expectation === null) return []
  if (expectation.errorCode !== undefined && expectation.errorCode !== invoice.errorCode) {
    return [`${invoice.errorCode ?? "no code"} instead of ${expectation.errorCode}`]
  }
  const got: Readonly<Record<string, unknown>> = { ...invoice }
  return Object.entries(expectation.fields ?? {}).flatMap(([field, value]) =>
    got[field] === value ? [] : [`${field}: ${String(got[field])} instead of ${String(value)}`])
}
