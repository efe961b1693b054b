import { Duration, Effect, Layer, Record, Redacted, Tracer } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Headers from "effect/http/Headers"
import * as OtlpExporter from "effect/observability/OtlpExporter"
import * as OtlpLogger from "effect/observability/OtlpLogger"
import * as OtlpMetrics from "effect/observability/OtlpMetrics"
import * as OtlpSerialization from "effect/observability/OtlpSerialization"
import * as OtlpTracer from "effect/observability/OtlpTracer"
import type { TelemetrySettings } from "../../src/config/Settings.ts"
import { version } from "../../src/version.ts"
import { boundedExporterClient } from "./boundedExporterClient.ts"
import { workTracer } from "./WorkTracer.ts"

/** The last spans are sent while somebody waits for the process to end. */
const shutdownTimeout = Duration.seconds(2)

/** Traces, metrics and logs by OTLP over HTTP to `<endpoint>/v1/…`; nothing at all without an endpoint. */
export const layer = (settings: TelemetrySettings): Layer.Layer<never> => {
  if (settings.endpoint === null) return Layer.empty
  const base = settings.endpoint.toString().replace(/\/$/, "")
  const common = {
    resource: { serviceName: settings.serviceName, serviceVersion: version },
    headers: Headers.fromInput(Record.map(settings.headers, Redacted.value)),
    shutdownTimeout
  }
  const { ratio, sql } = settings.traces
  const tracer = ratio === null ? Layer.empty : Layer.effect(
    Tracer.Tracer,
    Effect.map(OtlpTracer.make({ ...common, url: `${base}/v1/traces` }), (exporter) => workTracer(exporter, { ratio, sql }))
  )
  return Layer.mergeAll(
    tracer,
    OtlpMetrics.layer({ ...common, url: `${base}/v1/metrics` }),
    OtlpLogger.layer({ ...common, url: `${base}/v1/logs`, mergeWithExisting: true })
  ).pipe(
    Layer.provide(OtlpExporter.layerFlusher),
    Layer.provide(settings.protocol === "http/json" ? OtlpSerialization.layerJson : OtlpSerialization.layerProtobuf),
    Layer.provide(boundedExporterClient),
    Layer.provide(FetchHttpClient.layer)
  )
}
