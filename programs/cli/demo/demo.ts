import { Clock, Console, Data, DateTime, Duration, Effect, FileSystem, Schedule } from "effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import { QUEUE_NAMES } from "../../../src/contract/index.ts"
import { type InvoiceId, StorageKey, type TenantId } from "../../../src/domain/ids.ts"
import { DemoApi, type DemoInvoice } from "../../../src/services/DemoApi.ts"
import { JobProducer } from "../../../src/services/JobProducer.ts"
import { ObjectStorage } from "../../../src/services/ObjectStorage.ts"
import { ExitWithStatus } from "../ExitWithStatus.ts"
import { shorten, table } from "../table.ts"
import { judge } from "./judge.ts"
import { builtInSamples, type DemoFile, givenFiles } from "./samples.ts"
import { showDeliveries, subscribe } from "./tellSubscriber.ts"

/** Longer than any document may take, so that a worker that stands still is noticed. */
const patience = Duration.minutes(4)
const lookEvery = Duration.millis(100)

interface Sent {
  readonly file: DemoFile
  readonly id: InvoiceId
  readonly at: number
}

interface Ended {
  readonly sent: Sent
  readonly invoice: DemoInvoice
  readonly seconds: number
  readonly problems: ReadonlyArray<string>
}

export class DemoFileUnreadable extends Data.TaggedError("DemoFileUnreadable")<{ readonly path: string }> {
  override get message(): string {
    return `${this.path}: not a file that can be read; nothing was sent`
  }
}

const load = Effect.fnUntraced(function*(file: DemoFile) {
  const fs = yield* FileSystem.FileSystem
  return yield* fs.readFile(file.path).pipe(Effect.mapError(() => new DemoFileUnreadable({ path: file.path })))
})

/** As the API does it: the file into the storage, the row into the table, the job into the queue. */
const send = Effect.fnUntraced(function*(tenantId: TenantId, file: DemoFile) {
  const storage = yield* ObjectStorage
  const api = yield* DemoApi
  const producer = yield* JobProducer
  const bytes = yield* load(file)
  const id = yield* api.newInvoiceId
  const [year, month] = DateTime.formatIsoDateUtc(yield* DateTime.now).split("-")
  const key = StorageKey.make(`${tenantId}/${year}/${month}/${id}`)
  yield* storage.put(key, bytes, "application/octet-stream")
  yield* api.upload(tenantId, { id, key, name: file.name })
  const at = yield* Clock.currentTimeMillis
  yield* producer.add(QUEUE_NAMES.INVOICE_PROCESSING, { invoiceId: id, tenantId })
  return { file, id, at } satisfies Sent
})

const hasEnded = (invoice: DemoInvoice): boolean => invoice.status !== "nouveau" && invoice.status !== "processing"

const progressLine = ({ invoice, problems, seconds, sent }: Ended): string =>
  `  ${problems.length === 0 ? "✓" : "✗"} ${sent.file.name}: ${invoice.status === "error" ? invoice.errorMessage ?? "error" : invoice.status} (${seconds.toFixed(1)} s)`

/** Looks at the list until every invoice has ended, with a line for each that has. */
const follow = Effect.fnUntraced(function*(tenantId: TenantId, sent: ReadonlyArray<Sent>) {
  const api = yield* DemoApi
  const ended = new Map<InvoiceId, Ended>()
  const look = Effect.gen(function*() {
    const now = yield* Clock.currentTimeMillis
    const open = sent.filter(({ id }) => !ended.has(id))
    for (const invoice of yield* api.list(tenantId, open.map(({ id }) => id))) {
      const mine = open.find(({ id }) => id === invoice.id)
      if (mine === undefined || !hasEnded(invoice)) continue
      const end: Ended = { sent: mine, invoice, seconds: (now - mine.at) / 1000, problems: judge(mine.file.expectation, invoice) }
      ended.set(invoice.id, end)
      yield* Console.log(progressLine(end))
    }
  })
  yield* look.pipe(
    Effect.repeat({ until: () => ended.size === sent.length, schedule: Schedule.spaced(lookEvery) }),
    Effect.timeoutOption(patience)
  )
  return ended
})

const resultRow = ({ invoice, seconds, sent }: Ended): ReadonlyArray<string> => [
  sent.file.name,
  invoice.status,
  invoice.readingSource ?? invoice.errorCode ?? "",
  shorten(invoice.supplierName ?? "", 30),
  invoice.invoiceNumber ?? "",
  invoice.invoiceDate ?? "",
  invoice.amountHT ?? "",
  invoice.amountTVA ?? "",
  invoice.amountTTC === null ? "" : `${invoice.amountTTC} ${invoice.currency ?? ""}`,
  invoice.confidence === null ? "" : `${Math.round(invoice.confidence * 100)} %`,
  `${seconds.toFixed(1)} s`
]

const heading = ["file", "status", "source", "supplier", "number", "date", "HT", "TVA", "TTC", "sure", "time"]

/** `demo [FILE...]`: sends the built-in samples, or the given files, through the queue and shows what came out. */
export const demo = Command.make(
  "demo",
  { files: Argument.String("file").pipe(Argument.withDescription("Invoices of your own; without, the built-in samples"), Argument.variadic()) },
  Effect.fnUntraced(function*({ files }) {
    const api = yield* DemoApi
    const chosen = files.length === 0 ? yield* builtInSamples : yield* givenFiles(files)
    // All of them once before the first is sent, so that a mistyped name sends nothing.
    yield* Effect.forEach(chosen, load, { discard: true })
    const tenantId = yield* api.openTenant
    const subscription = yield* subscribe(tenantId)
    yield* Console.log(`Sending ${chosen.length} document${chosen.length === 1 ? "" : "s"} through the queue:`)
    const sent = yield* Effect.forEach(chosen, (file) => send(tenantId, file))
    const ended = yield* follow(tenantId, sent)
    const inOrder = sent.flatMap(({ id }) => ended.get(id) ?? [])
    yield* Console.log(`\n${table([heading, ...inOrder.map(resultRow)])}\n`)

    const missing = sent.filter(({ id }) => !ended.has(id)).map(({ file }) => `${file.name}: not finished in time`)
    const wrong = inOrder.flatMap(({ problems, sent }) => problems.map((problem) => `${sent.file.name}: ${problem}`))
    const problems = [...missing, ...wrong, ...yield* showDeliveries(subscription, inOrder.length)]
    yield* Console.log(problems.length === 0 ? "All ended as they should." : `Not as it should be:\n${problems.map((problem) => `  ${problem}`).join("\n")}`)
    if (problems.length > 0) return yield* new ExitWithStatus({ status: 1 })
  }, Effect.scoped)
).pipe(Command.withDescription("Send invoices through the running machinery and show what came out"))
