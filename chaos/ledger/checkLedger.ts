import type { WorkerOf } from "./starts.ts"
import type { FinalRow, LedgerEntry } from "./LedgerEntry.ts"

/** What the harness asked for. */
export interface AskedJob {
  readonly invoiceId: string
  /** In words, for the lines of a failure. */
  readonly about: string
  /** How it must end. Null: one of a crowd that need not be through when the scenario ends. */
  readonly expected: "processed" | "error" | null
}

export interface LedgerVerdict {
  /** Ended neither in `processed` nor in `error`, and no job is there that would see to it. */
  readonly lost: ReadonlyArray<string>
  /** Processed more than once in a generation, written after that, or written by two at once. */
  readonly doubled: ReadonlyArray<string>
  /** Ended otherwise than expected, or not in time. */
  readonly wrong: ReadonlyArray<string>
}

const grouped = <K>(entries: ReadonlyArray<LedgerEntry>, by: (entry: LedgerEntry) => K): ReadonlyMap<K, ReadonlyArray<LedgerEntry>> => {
  const groups = new Map<K, Array<LedgerEntry>>()
  for (const entry of entries) {
    const group = groups.get(by(entry))
    if (group === undefined) groups.set(by(entry), [entry])
    else group.push(entry)
  }
  return groups
}

const processedTwice = (entries: ReadonlyArray<LedgerEntry>): ReadonlyArray<string> => {
  const effects = entries.filter(({ from, to }) => to === "processed" && from !== "processed")
  return [...grouped(effects, ({ generation }) => generation)].flatMap(([generation, times]) =>
    times.length > 1 ? [`processed ${times.length} times in generation ${generation ?? "?"}`] : [])
}

const writtenAfterwards = (entries: ReadonlyArray<LedgerEntry>): ReadonlyArray<string> => {
  const late = entries.filter(({ fieldsChanged, from, to }) => from === "processed" && (fieldsChanged || to !== "processed"))
  return late.length > 0 ? [`written ${late.length} times after it was processed`] : []
}

/** A token is one holder's, and an older one has no say once a newer one has written. */
const writtenByTwo = (entries: ReadonlyArray<LedgerEntry>, workerOf: WorkerOf): ReadonlyArray<string> => {
  const found: Array<string> = []
  const holders = new Map<number, string>()
  let newest = 0
  for (const { at, clientPort, epoch } of entries) {
    if (epoch === null) continue
    const worker = workerOf(clientPort, at)
    const holder = holders.get(epoch) ?? worker
    holders.set(epoch, holder)
    if (holder !== worker) found.push(`epoch ${epoch} of ${holder} was written by ${worker} too`)
    if (epoch < newest) found.push(`${worker} wrote with epoch ${epoch} after epoch ${newest}`)
    newest = Math.max(newest, epoch)
  }
  return found
}

const errorWithFields = (entries: ReadonlyArray<LedgerEntry>): ReadonlyArray<string> =>
  entries.some(({ fieldsChanged, to }) => fieldsChanged && to === "error") ? ["fields were written together with an error"] : []

/** Holds what was written against what was asked for. */
export const checkLedger = (
  asked: ReadonlyArray<AskedJob>,
  entries: ReadonlyArray<LedgerEntry>,
  rows: ReadonlyArray<FinalRow>,
  /** Invoices whose job is still in the queue. */
  queued: ReadonlySet<string>,
  workerOf: WorkerOf
): LedgerVerdict => {
  const written = grouped(entries, ({ invoiceId }) => invoiceId)
  const ends = new Map(rows.map((row) => [row.invoiceId, row]))
  const lost: Array<string> = []
  const wrong: Array<string> = []
  const doubled: Array<string> = []
  for (const { about, expected, invoiceId } of asked) {
    const tell = (what: string) => `${about} (${invoiceId}): ${what}`
    const own = written.get(invoiceId) ?? []
    for (const what of [...processedTwice(own), ...writtenAfterwards(own), ...writtenByTwo(own, workerOf), ...errorWithFields(own)]) doubled.push(tell(what))
    const end = ends.get(invoiceId)
    const status = end?.status ?? "gone"
    const isThrough = status === "processed" || status === "error"
    if (!isThrough && queued.has(invoiceId)) {
      if (expected !== null) wrong.push(tell(`not through in time: \`${status}\`, its job waits`))
    } else if (expected === null) {
      if (!isThrough) lost.push(tell(`left in \`${status}\``))
    } else if (!isThrough) {
      lost.push(tell(own.length === 0 ? `still \`${status}\`, nobody has begun it` : `left in \`${status}\``))
    } else if (status !== expected) {
      wrong.push(tell(`ended in \`${status}\`${end?.errorCode ? ` (${end.errorCode})` : ""} instead of \`${expected}\``))
    }
  }
  return { lost, doubled, wrong }
}
