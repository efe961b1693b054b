import type { LedgerEntry } from "./LedgerEntry.ts"

/** The moment at which a worker had taken an invoice: its claim is committed and the row is in `processing`. */
export interface Start {
  readonly invoiceId: string
  readonly at: number
  readonly worker: string
}

/** Whose connection a write of that moment came by. */
export type WorkerOf = (clientPort: number | null, at: number) => string

/** A claim has an epoch of its own; the notes of a failed try are written in the same epoch and are no start. */
export const startsIn = (entries: ReadonlyArray<LedgerEntry>, workerOf: WorkerOf): ReadonlyArray<Start> => {
  const epochs = new Map<string, number>()
  return entries.flatMap(({ at, clientPort, epoch, invoiceId, to }) => {
    const known = epochs.get(invoiceId)
    if (epoch !== null) epochs.set(invoiceId, epoch)
    return to === "processing" && (epoch === null || epoch !== known) ? [{ invoiceId, at, worker: workerOf(clientPort, at) }] : []
  })
}

export const firstStart = (starts: ReadonlyArray<Start>, wanted: (start: Start) => boolean): number | null =>
  starts.filter(wanted).reduce<number | null>((first, { at }) => first === null ? at : Math.min(first, at), null)

export interface Recovery {
  /** What had to happen, in words. */
  readonly what: string
  /** Seconds until it did; null when it did not. */
  readonly seconds: number | null
  readonly limit: number
}

export const recovery = (what: string, since: number, at: number | null, limit: number): Recovery => ({
  what,
  seconds: at === null ? null : Math.max(0, at - since) / 1000,
  limit
})

/** The slowest of several; null as soon as one did not happen. */
export const slowest = (what: string, since: number, times: ReadonlyArray<number | null>, limit: number): Recovery =>
  recovery(what, since, times.reduce<number | null>((last, at) => last === null || at === null ? null : Math.max(last, at), since), limit)

export const isMet = ({ limit, seconds }: Recovery): boolean => seconds !== null && seconds <= limit
