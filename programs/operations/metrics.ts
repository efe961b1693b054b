import type { Layer } from "effect"
import type * as HttpRouter from "effect/http/HttpRouter"
import * as PrometheusMetrics from "effect/observability/PrometheusMetrics"

/** `/metrics`, in Prometheus' text format: what `src/observability/metrics.ts` lists. */
export const metricsRoute: Layer.Layer<never, never, HttpRouter.HttpRouter> = PrometheusMetrics.layerHttp()
