import { Effect, Layer } from "effect"
import * as HttpBody from "effect/http/HttpBody"
import type { AnyValue, KeyValue, Resource } from "effect/observability/OtlpResource"
import { layerProtobuf, OtlpSerialization } from "effect/observability/OtlpSerialization"
import { ProtobufWriter } from "./ProtobufWriter.ts"

type Traces = Parameters<OtlpSerialization["Service"]["traces"]>[0]
type Logs = Parameters<OtlpSerialization["Service"]["logs"]>[0]
type ScopeSpans = Traces["resourceSpans"][number]["scopeSpans"][number]
type Span = ScopeSpans["spans"][number]
type ScopeLogs = Logs["resourceLogs"][number]["scopeLogs"][number]
type LogRecord = NonNullable<ScopeLogs["logRecords"]>[number]

// Field numbers: opentelemetry-proto, common/v1, resource/v1, trace/v1, logs/v1.

const anyValue = (to: ProtobufWriter, value: AnyValue): void => {
  if (typeof value.stringValue === "string") to.text(1, value.stringValue)
  else if (typeof value.boolValue === "boolean") to.varint(2, value.boolValue ? 1 : 0)
  else if (value.intValue !== undefined && value.intValue !== null) to.int64(3, BigInt(value.intValue))
  else if (typeof value.doubleValue === "number") to.double(4, value.doubleValue)
  else if (value.arrayValue !== undefined) {
    const { values } = value.arrayValue
    to.message(5, () => {
      for (const one of values) to.message(1, () => anyValue(to, one))
    })
  } else if (value.kvlistValue !== undefined) {
    const { values } = value.kvlistValue
    to.message(6, () => attributes(to, 1, values))
  }
}

const attributes = (to: ProtobufWriter, field: number, list: ReadonlyArray<KeyValue>): void => {
  for (const { key, value } of list) {
    to.message(field, () => {
      to.text(1, key)
      to.message(2, () => anyValue(to, value))
    })
  }
}

const count = (to: ProtobufWriter, field: number, value: number): void => {
  if (value > 0) to.varint(field, value)
}

const text = (to: ProtobufWriter, field: number, value: string | null | undefined, encoding: "utf8" | "hex" = "utf8"): void => {
  if (value !== undefined && value !== null && value !== "") to.text(field, value, encoding)
}

const resource = (to: ProtobufWriter, { attributes: list, droppedAttributesCount }: Resource): void => {
  attributes(to, 1, list)
  count(to, 2, droppedAttributesCount)
}

const scope = (to: ProtobufWriter, field: number, name: string, version: string | undefined): void =>
  to.message(field, () => {
    to.text(1, name)
    text(to, 2, version)
  })

const span = (to: ProtobufWriter, one: Span): void => {
  to.text(1, one.traceId, "hex")
  to.text(2, one.spanId, "hex")
  if (one.parentSpanId !== undefined) to.text(4, one.parentSpanId, "hex")
  to.text(5, one.name)
  to.varint(6, one.kind)
  to.fixed64(7, one.startTimeUnixNano)
  to.fixed64(8, one.endTimeUnixNano)
  attributes(to, 9, one.attributes)
  count(to, 10, one.droppedAttributesCount)
  for (const event of one.events) {
    to.message(11, () => {
      to.fixed64(1, event.timeUnixNano)
      to.text(2, event.name)
      attributes(to, 3, event.attributes)
      count(to, 4, event.droppedAttributesCount)
    })
  }
  count(to, 12, one.droppedEventsCount)
  for (const link of one.links) {
    to.message(13, () => {
      to.text(1, link.traceId, "hex")
      to.text(2, link.spanId, "hex")
      attributes(to, 4, link.attributes)
      count(to, 5, link.droppedAttributesCount)
    })
  }
  count(to, 14, one.droppedLinksCount)
  to.message(15, () => {
    text(to, 2, one.status.message)
    to.varint(3, one.status.code)
  })
}

const logRecord = (to: ProtobufWriter, one: LogRecord): void => {
  to.fixed64(1, String(one.timeUnixNano))
  if (one.severityNumber !== undefined) to.varint(2, one.severityNumber)
  text(to, 3, one.severityText)
  const { body } = one
  if (body !== undefined) to.message(5, () => anyValue(to, body))
  attributes(to, 6, one.attributes)
  count(to, 7, one.droppedAttributesCount)
  if (one.flags !== undefined) to.fixed32(8, one.flags)
  if (typeof one.traceId === "string") text(to, 9, one.traceId, "hex")
  if (typeof one.spanId === "string") text(to, 10, one.spanId, "hex")
  to.fixed64(11, String(one.observedTimeUnixNano))
}

const tracesBody = (data: Traces): Uint8Array<ArrayBuffer> => {
  const to = new ProtobufWriter()
  for (const { resource: from, scopeSpans } of data.resourceSpans) {
    to.message(1, () => {
      to.message(1, () => resource(to, from))
      for (const { scope: { name, version }, spans } of scopeSpans) {
        to.message(2, () => {
          scope(to, 1, name, version)
          for (const one of spans) to.message(2, () => span(to, one))
        })
      }
    })
  }
  return to.bytes()
}

const logsBody = (data: Logs): Uint8Array<ArrayBuffer> => {
  const to = new ProtobufWriter()
  for (const { resource: from, scopeLogs } of data.resourceLogs) {
    to.message(1, () => {
      if (from !== undefined) to.message(1, () => resource(to, from))
      for (const { logRecords = [], scope: by } of scopeLogs) {
        to.message(2, () => {
          if (by !== undefined) scope(to, 1, by.name, by.version)
          for (const one of logRecords) to.message(2, () => logRecord(to, one))
        })
      }
    })
  }
  return to.bytes()
}

const contentType = "application/x-protobuf"

/**
 * OTLP's protobuf bodies, byte for byte those of Effect, whose encoder makes an array for every field and takes several
 * times as long for traces and logs. Metrics are few, and stay Effect's.
 */
export const protobufBodies: Layer.Layer<OtlpSerialization> = Layer.effect(
  OtlpSerialization,
  Effect.map(OtlpSerialization, ({ metrics }) =>
    OtlpSerialization.of({
      traces: (data) => HttpBody.uint8Array(tracesBody(data), contentType),
      logs: (data) => HttpBody.uint8Array(logsBody(data), contentType),
      metrics
    }))
).pipe(Layer.provide(layerProtobuf))
