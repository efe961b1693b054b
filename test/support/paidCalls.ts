import { Duration, Effect } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { InvoiceId, TenantId } from "../../src/domain/ids.ts"
import type { ProviderEngine } from "../../src/domain/ProviderEngine.ts"
import { Invoices } from "../../src/services/Invoices.ts"
import type { PaidCallRequest } from "../../src/services/PaidCalls.ts"
import { type InvoiceOptions, newInvoice } from "./invoiceTables.ts"

export const engine: ProviderEngine = { provider: "openai", model: "gpt-4.1-mini", region: "any", version: "prompt 1" }

/** A new invoice that somebody is at, in a tenant of its own. */
export const claimedInvoice = Effect.fnUntraced(function*(options: InvoiceOptions = {}) {
  return yield* claim(yield* newInvoice(options))
})

/** Another one of the same tenant. */
export const secondInvoice = Effect.fnUntraced(function*(tenantId: TenantId) {
  const sql = yield* SqlClient.SqlClient
  const { invoiceId } = yield* newInvoice()
  yield* sql`UPDATE invoices SET "tenantId" = ${tenantId} WHERE id = ${invoiceId}`
  return yield* claim({ invoiceId, tenantId })
})

/** Takes it, or takes it over, as the job of this id. */
export const claim = Effect.fnUntraced(function*({ invoiceId, tenantId }: { readonly tenantId: TenantId; readonly invoiceId: InvoiceId }, jobId = `job-${invoiceId}`, generation = 1) {
  const invoices = yield* Invoices
  const answer = yield* invoices.claim(tenantId, invoiceId, { generation, jobId, holder: "test", lease: Duration.seconds(30) })
  return answer._tag === "Claimed" ? answer.invoice.claim : yield* Effect.die(new Error(`the invoice could not be claimed: ${answer._tag}`))
})

export const request = (claim: PaidCallRequest["claim"], change: Partial<PaidCallRequest> = {}): PaidCallRequest => ({
  claim,
  sha256: "aa11",
  step: "extraction",
  engine,
  input: "pdf",
  canBeAskedAgain: true,
  reserve: 1_000,
  monthlyLimit: null,
  ...change
})

/** The month's sums, and the same worked out anew from the single calls: they must be equal. */
export const bookOf = Effect.fnUntraced(function*(tenantId: string) {
  const sql = yield* SqlClient.SqlClient
  const kept = yield* sql`SELECT begun::int, answered::int, failed::int, uncertain::int, pages::int, "inputTokens"::int AS input, "outputTokens"::int AS output,
      "costMicros"::int AS cost, "reservedMicros"::int AS reserved, "uncertainMicros"::int AS "uncertainCost", provider
    FROM tt_worker.usage_months WHERE "tenantId" = ${tenantId} ORDER BY provider`
  const counted = yield* sql`SELECT count(*) FILTER (WHERE state = 'begun')::int AS begun, count(*) FILTER (WHERE state = 'answered')::int AS answered,
      count(*) FILTER (WHERE state = 'failed')::int AS failed, count(*) FILTER (WHERE state = 'uncertain')::int AS uncertain,
      sum(pages)::int AS pages, sum("inputTokens")::int AS input, sum("outputTokens")::int AS output, sum("costMicros")::int AS cost,
      coalesce(sum("reservedMicros") FILTER (WHERE state = 'begun'), 0)::int AS reserved,
      coalesce(sum("reservedMicros") FILTER (WHERE state = 'uncertain'), 0)::int AS "uncertainCost", provider
    FROM tt_worker.provider_calls WHERE "tenantId" = ${tenantId} GROUP BY provider ORDER BY provider`
  return { kept, counted }
})
