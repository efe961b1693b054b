import { Duration, Effect, Layer, Record, Redacted, Tracer } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Headers from "effect/http/Headers"
import * as OtlpExporter from "effect/observability/OtlpExporter"
import * as OtlpLogger from "effect/observability/OtlpLogger"
import * as OtlpMetrics from "effect/observability/OtlpMetrics"
import * as OtlpSerialization from "effect/observability/OtlpSerialization"
import * as OtlpTracer from "effect/observability/OtlpTracer"
import type { TelemetrySettings } from "../../src/config/Settings.ts"
import { RunningWork } from "../../src/services/RunningWork.ts"
import { version } from "../../src/version.ts"
import { boundedExporterClient } from "./boundedExporterClient.ts"
import { protobufBodies } from "./protobufBodies.ts"
import { workTracer } from "./WorkTracer.ts"

/** The last spans are sent while somebody waits for the process to end. */
const shutdownTimeout = Duration.seconds(2)

/** Spans are made in any case: they tell what runs. */
const tracing = (exporter: Tracer.Tracer, { ratio, sql }: TelemetrySettings["traces"]) =>
  Layer.effect(
    Tracer.Tracer,
    RunningWork.useSync(({ watch }) => {
      const { running, tracer } = workTracer(exporter, { ratio: ratio ?? 1, sql })
      watch(running)
      return tracer
    })
  )

/** Ends unseen. */
const nowhere: Tracer.Tracer = Tracer.make({ span: (options) => new Tracer.NativeSpan(options) })

/** Traces, metrics and logs by OTLP over HTTP to `<endpoint>/v1/…`; nothing is sent without an endpoint. */
export const layer = (settings: TelemetrySettings): Layer.Layer<never, never, RunningWork> => {
  const { endpoint, traces } = settings
  if (endpoint === null) return tracing(nowhere, traces)
  const base = endpoint.toString().replace(/\/$/, "")
  const common = {
    resource: { serviceName: settings.serviceName, serviceVersion: version },
    headers: Headers.fromInput(Record.map(settings.headers, Redacted.value)),
    shutdownTimeout
  }
  const tracer = traces.ratio === null
    ? tracing(nowhere, traces)
    : Layer.unwrap(Effect.map(OtlpTracer.make({ ...common, url: `${base}/v1/traces` }), (exporter) => tracing(exporter, traces)))
  return Layer.mergeAll(
    tracer,
    OtlpMetrics.layer({ ...common, url: `${base}/v1/metrics` }),
    OtlpLogger.layer({ ...common, url: `${base}/v1/logs`, mergeWithExisting: true })
  ).pipe(
    Layer.provide(OtlpExporter.layerFlusher),
    Layer.provide(settings.protocol === "http/json" ? OtlpSerialization.layerJson : protobufBodies),
    Layer.provide(boundedExporterClient),
    Layer.provide(FetchHttpClient.layer)
  )
}
