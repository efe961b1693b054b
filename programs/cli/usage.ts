import { Console, Data, DateTime, Effect, Option, Schema } from "effect"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { InvoiceId, TenantId } from "../../src/domain/ids.ts"
import { type InvoiceReader, type InvoiceUsage, type MonthlyUsage, Usage } from "../../src/services/Usage.ts"
import { table } from "./table.ts"

const Month = Schema.String.check(Schema.isPattern(/^\d{4}-(0[1-9]|1[0-2])$/))

export class TenantMissing extends Data.TaggedError("TenantMissing") {
  override get message(): string {
    return "--invoice needs --tenant: an invoice is known by both"
  }
}

/** "0.0123": US dollars, from millionths; four places, since a page costs less than a cent. */
export const dollars = (micros: number): string => (micros / 1_000_000).toFixed(4)

const count = (value: number): string => String(value)

export const monthRows = (rows: ReadonlyArray<MonthlyUsage>): ReadonlyArray<ReadonlyArray<string>> => {
  const cells = rows.map((row) => [
    row.tenantId,
    row.provider,
    row.model,
    row.region,
    ...[row.answered, row.failed, row.uncertain, row.pages, row.inputTokens, row.outputTokens].map(count),
    dollars(row.cost),
    dollars(row.reserved),
    dollars(row.uncertainCost)
  ])
  const sum = (of: (row: MonthlyUsage) => number) => rows.reduce((total, row) => total + of(row), 0)
  const total = ["all", "", "", "", ...[sum((row) => row.answered), sum((row) => row.failed), sum((row) => row.uncertain), sum((row) => row.pages)].map(count), "", "",
    dollars(sum((row) => row.cost)), dollars(sum((row) => row.reserved)), dollars(sum((row) => row.uncertainCost))]
  return [["tenant", "provider", "model", "region", "answered", "failed", "broken off", "pages", "tokens in", "tokens out", "cost $", "under way $", "perhaps $"], ...cells, ...(rows.length > 1 ? [total] : [])]
}

const callRows = (calls: ReadonlyArray<InvoiceUsage>): ReadonlyArray<ReadonlyArray<string>> => [
  ["step", "provider", "model", "region", "state", "pages", "tokens in", "tokens out", "cost $", "at"],
  ...calls.map((call) => [call.step, call.provider, call.model, call.region, call.state, count(call.pages), count(call.inputTokens), count(call.outputTokens), dollars(call.cost), call.startedAt])
]

const readerRows = (readers: ReadonlyArray<InvoiceReader>): ReadonlyArray<ReadonlyArray<string>> => [
  ["step", "read by", "model", "region", ""],
  ...readers.map(({ model, provider, region, reused, step }) => [step, provider, model ?? "", region ?? "on this machine", reused ? "an answer from before" : ""])
]

const ofInvoice = Effect.fnUntraced(function*(tenant: string, invoice: string, json: boolean) {
  const usage = yield* Usage
  const { calls, readers } = yield* usage.invoice(tenant, invoice)
  if (json) return yield* Console.log(JSON.stringify({ tenantId: tenant, invoiceId: invoice, calls, readers }))
  if (calls.length + readers.length === 0) return yield* Console.log("no paid call was made for this invoice")
  if (readers.length > 0) yield* Console.log(table(readerRows(readers)))
  if (calls.length > 0) yield* Console.log(`\n${table(callRows(calls))}`)
})

/** `usage [--month YYYY-MM] [--tenant T [--invoice I]] [--json]`: what the paid providers were asked and cost. */
export const usage = Command.make(
  "usage",
  {
    month: Flag.String("month").pipe(Flag.withDescription("Such as 2026-11 (UTC); this month unless told"), Flag.withSchema(Month), Flag.optional),
    tenant: Flag.String("tenant").pipe(Flag.withDescription("Only this tenant"), Flag.withSchema(TenantId), Flag.optional),
    invoice: Flag.String("invoice").pipe(Flag.withDescription("The calls for this invoice, and who read it"), Flag.withSchema(InvoiceId), Flag.optional),
    json: Flag.Boolean("json").pipe(Flag.withDescription("JSON, one line a row; costs in millionths of a US dollar"), Flag.withDefault(false))
  },
  Effect.fnUntraced(function*({ invoice, json, month, tenant }) {
    if (Option.isSome(invoice)) {
      return Option.isSome(tenant) ? yield* ofInvoice(tenant.value, invoice.value, json) : yield* new TenantMissing()
    }
    const book = yield* Usage
    const asked = Option.getOrElse(month, () => null) ?? DateTime.formatIsoDateUtc(yield* DateTime.now).slice(0, 7)
    const rows = yield* book.month(asked, Option.getOrNull(tenant))
    if (json) return yield* Effect.forEach(rows, (row) => Console.log(JSON.stringify(row)), { discard: true })
    yield* Console.log(rows.length === 0 ? `no paid call was made in ${asked}` : table(monthRows(rows)))
  })
).pipe(
  Command.withDescription("What the paid providers were asked and cost, by tenant and month or for an invoice (estimated)"),
  Command.withExamples([{ command: "tt-worker usage --month 2026-11 --json", description: "One line of JSON for each tenant, provider and model" }])
)
