import { Duration, Layer } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Otlp from "effect/observability/Otlp"
import { version } from "../../src/version.ts"

/** Traces and metrics by OTLP over HTTP to `<endpoint>/v1/…`; nothing at all without an endpoint. */
export const layer = (options: { readonly endpoint: URL | null; readonly serviceName: string }): Layer.Layer<never> =>
  options.endpoint === null ? Layer.empty : Otlp.layerJson({
    baseUrl: options.endpoint.toString().replace(/\/$/, ""),
    resource: { serviceName: options.serviceName, serviceVersion: version },
    shutdownTimeout: Duration.seconds(2)
  }).pipe(Layer.provide(FetchHttpClient.layer))
