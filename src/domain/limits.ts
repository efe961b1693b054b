import { Duration } from "effect"

/** A file of exactly 20 MiB is accepted (promised to users); one byte more is not. */
export const maxFileBytes = 20 * 1024 * 1024

/** More pages than this is a catalogue or a contract, not an invoice. */
export const maxPages = 100

/** Pages of a scan that are recognised: the first ones and the last, where the totals stand. */
export const maxOcrPages = 10

/** Width × height a picture may claim before it is decoded: twice the largest phone sensors (108 MP). */
export const maxPixels = 200_000_000

/**
 * Most time for one invoice, waiting for a free text recognition included. It ends in seconds; each step has a limit of
 * its own, and this one only makes sure that nothing stays for ever.
 */
export const invoiceTimeLimit = Duration.minutes(10)

/** How long finished jobs stay in the queue, where they can be looked at: failed ones longer. */
export const defaultRetention = {
  completed: { age: Duration.days(1), count: 1_000 },
  failed: { age: Duration.days(14), count: 10_000 }
} as const
