import { Option, Schema } from "effect"

/** BullMQ's telemetry metadata as `bullmq-otel` writes it: the headers of W3C Trace Context as JSON. */
const decodeCarrier = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Struct({ traceparent: Schema.String })))

/** The trace context in a job's telemetry metadata; a bare `traceparent` is understood as well. */
export const traceparentOf = (metadata: string | undefined): string | null =>
  metadata === undefined || metadata === "" ? null : Option.match(decodeCarrier(metadata), { onNone: () => metadata, onSome: ({ traceparent }) => traceparent })

/** What `traceparentOf` reads. */
export const metadataOf = (traceparent: string): string => JSON.stringify({ traceparent })

/** A failed attempt in a job's list of stack traces, with the trace that shows it. */
export const withTrace = (message: string, trace: string | undefined): string => trace === undefined ? message : `${message}\n    trace ${trace}`

/** The trace of the last failed attempt in that list. */
export const lastTraceOf = (stacktrace: ReadonlyArray<string> | null): string | null =>
  /\n {4}trace (\S+)$/.exec(stacktrace?.at(-1) ?? "")?.[1] ?? null
