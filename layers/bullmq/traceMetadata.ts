import { Option, Schema } from "effect"
import type { JobSummary } from "../../src/domain/Verdict.ts"

/** BullMQ's telemetry metadata as `bullmq-otel` writes it: the headers of W3C Trace Context as JSON. */
const decodeCarrier = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Struct({ traceparent: Schema.String })))

/** The trace context in a job's telemetry metadata; a bare `traceparent` is understood as well. */
export const traceparentOf = (metadata: string | undefined): string | null =>
  metadata === undefined || metadata === "" ? null : Option.match(decodeCarrier(metadata), { onNone: () => metadata, onSome: ({ traceparent }) => traceparent })

/** What `traceparentOf` reads. */
export const metadataOf = (traceparent: string): string => JSON.stringify({ traceparent })

/** An attempt in a job's list of stack traces, with the trace that shows it. */
export const withTrace = (message: string, trace: string | undefined): string => trace === undefined ? message : `${message}\n    trace ${trace}`

const putOff = "put off: "

/** That list with an attempt that was put off. The last of several stands for all: a job may be put off a thousand times. */
export const withPutOff = (stacktrace: ReadonlyArray<string> | null, reason: string, trace: string): ReadonlyArray<string> =>
  [...(stacktrace ?? []).filter((entry) => !entry.startsWith(putOff)), withTrace(`${putOff}${reason}`, trace)]

/** What a completed job keeps beside its summary. */
export const summaryWithTrace = (summary: JobSummary, trace: string | undefined): JobSummary => {
  const traceId = trace?.split("-")[1]
  return traceId === undefined ? summary : { ...summary, traceId }
}

/** The trace of the last attempt in that list that the queue has kept something of. */
export const lastTraceOf = (stacktrace: ReadonlyArray<string> | null): string | null =>
  /\n {4}trace (\S+)$/.exec(stacktrace?.at(-1) ?? "")?.[1] ?? null

const decodeSummary = Schema.decodeUnknownOption(Schema.Struct({ traceId: Schema.String }))

/** What of a BullMQ job says where its trace is. */
export interface TracedJob {
  readonly returnvalue: unknown
  readonly stacktrace: ReadonlyArray<string> | null
  readonly opts: { readonly telemetry?: { readonly metadata?: string | undefined } | undefined }
}

/** The trace of all its attempts: as it ended, as it was tried last, or as its producer began it. null before anybody has. */
export const traceIdOf = ({ opts, returnvalue, stacktrace }: TracedJob): string | null =>
  Option.match(decodeSummary(returnvalue), {
    onSome: ({ traceId }) => traceId,
    onNone: () => (lastTraceOf(stacktrace) ?? traceparentOf(opts.telemetry?.metadata))?.split("-")[1] ?? null
  })
