import { Effect, type Scope } from "effect"
import { protobuf } from "google-gax"
import type * as http from "node:http"
import { listen } from "../emulators/loopback.ts"

/** opentelemetry-proto, trace/v1: what is read of it, by its field numbers. */
const proto = protobuf.parse(`
  syntax = "proto3"; package otlp;
  message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; ArrayValue array_value = 5; } }
  message ArrayValue { repeated AnyValue values = 1; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message Event { fixed64 time_unix_nano = 1; string name = 2; repeated KeyValue attributes = 3; }
  message Link { bytes trace_id = 1; bytes span_id = 2; }
  message Status { string message = 2; int32 code = 3; }
  message Span {
    bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
    fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9;
    repeated Event events = 11; repeated Link links = 13; Status status = 15;
  }
  message ScopeSpans { repeated Span spans = 2; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
  message Request { repeated ResourceSpans resource_spans = 1; }
`, { keepCase: true }).root.lookupType("otlp.Request")

export interface ReceivedSpan {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  /** Empty for the first of a trace. */
  readonly parentSpanId: string
  /** 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number
  readonly attributes: Readonly<Record<string, unknown>>
  readonly events: ReadonlyArray<string>
  readonly links: ReadonlyArray<string>
  /** 0 unset, 1 ok, 2 error. */
  readonly status: number
  readonly statusMessage: string
}

interface Decoded {
  readonly resource_spans?: ReadonlyArray<{ readonly scope_spans?: ReadonlyArray<{ readonly spans?: ReadonlyArray<DecodedSpan> }> }>
}
interface DecodedAttribute {
  readonly key: string
  readonly value: Readonly<Record<string, unknown>>
}
interface DecodedSpan {
  readonly trace_id: string
  readonly span_id: string
  readonly parent_span_id?: string
  readonly name: string
  readonly kind?: number
  readonly attributes?: ReadonlyArray<DecodedAttribute>
  readonly events?: ReadonlyArray<{ readonly name: string; readonly attributes?: ReadonlyArray<DecodedAttribute> }>
  readonly links?: ReadonlyArray<{ readonly trace_id: string; readonly span_id: string }>
  readonly status?: { readonly code?: number; readonly message?: string }
}

const hex = (base64: string | undefined) => Buffer.from(base64 ?? "", "base64").toString("hex")
const valueOf = ({ value }: Pick<DecodedAttribute, "value">): unknown => {
  const array = value["array_value"]
  if (typeof array !== "object" || array === null || !("values" in array) || !Array.isArray(array.values)) return Object.values(value)[0]
  return array.values.map((one: DecodedAttribute["value"]) => valueOf({ value: one }))
}
const record = (list: ReadonlyArray<DecodedAttribute> = []) => Object.fromEntries(list.map((one) => [one.key, valueOf(one)]))

const spansOf = (body: Buffer): ReadonlyArray<ReceivedSpan> => {
  const { resource_spans = [] }: Decoded = proto.toObject(proto.decode(body), { bytes: String, longs: String })
  return resource_spans.flatMap(({ scope_spans = [] }) => scope_spans).flatMap(({ spans = [] }) => spans).map((span) => ({
    name: span.name,
    traceId: hex(span.trace_id),
    spanId: hex(span.span_id),
    parentSpanId: hex(span.parent_span_id),
    kind: span.kind ?? 0,
    attributes: record(span.attributes),
    events: (span.events ?? []).map(({ attributes, name }) => [name, ...Object.values(record(attributes))].join(" ")),
    links: (span.links ?? []).map((link) => hex(link.span_id)),
    status: span.status?.code ?? 0,
    statusMessage: span.status?.message ?? ""
  }))
}

export interface OtlpReceiver {
  readonly endpoint: URL
  /** Spans that came by OTLP's protobuf, in the order of arrival. */
  readonly spans: ReadonlyArray<ReceivedSpan>
  readonly requests: ReadonlyArray<{ readonly path: string; readonly headers: http.IncomingHttpHeaders; readonly body: Buffer }>
  /** What it answers; null answers nothing at all. */
  answer: { readonly status: number; readonly headers?: Record<string, string> } | null
}

/** A collector on a free loopback port that takes traces, metrics and logs and decodes the traces, until the scope closes. */
export const startOtlpReceiver: Effect.Effect<OtlpReceiver, never, Scope.Scope> = Effect.gen(function*() {
  const spans: Array<ReceivedSpan> = []
  const requests: Array<OtlpReceiver["requests"][number]> = []
  const receiver: Omit<OtlpReceiver, "endpoint"> = { spans, requests, answer: { status: 200 } }
  const base = yield* listen((request, response) => {
    const chunks: Array<Buffer> = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      const body = Buffer.concat(chunks)
      requests.push({ path: request.url ?? "", headers: request.headers, body })
      if (receiver.answer === null) return
      if (receiver.answer.status === 200 && request.url === "/v1/traces" && request.headers["content-type"] === "application/x-protobuf") spans.push(...spansOf(body))
      response.writeHead(receiver.answer.status, receiver.answer.headers).end()
    })
  })
  return Object.assign(receiver, { endpoint: new URL(base) })
})
