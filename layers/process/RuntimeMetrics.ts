import { Duration, Effect, Layer, Metric } from "effect"
import { monitorEventLoopDelay } from "node:perf_hooks"
import { labelled, metrics } from "../../src/observability/metrics.ts"

/** A sample is as long as the shortest usual scrape. */
const sampleLength = Duration.seconds(5)
/** What the delay is measured by, in milliseconds; a tenth of what a person would notice. */
const resolution = 10

const delay = labelled(metrics.eventLoopDelay)
const memory = labelled(metrics.memory)

/** Node's histogram counts in nanoseconds, and counts its own resolution as delay. */
const toSeconds = (nanoseconds: number): number => Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / 1e9 - resolution / 1000) : 0

/** How late the event loop is and how much memory this process has, measured for as long as the layer lives. */
export const layer: Layer.Layer<never> = Layer.effectDiscard(
  Effect.gen(function*() {
    const histogram = yield* Effect.acquireRelease(
      Effect.sync(() => {
        const monitor = monitorEventLoopDelay({ resolution })
        monitor.enable()
        return monitor
      }),
      (monitor) => Effect.sync(() => monitor.disable())
    )
    const sample = Effect.gen(function*() {
      const { external, heapUsed, rss } = process.memoryUsage()
      yield* Metric.update(delay({ quantile: "0.5" }), toSeconds(histogram.percentile(50)))
      yield* Metric.update(delay({ quantile: "0.99" }), toSeconds(histogram.percentile(99)))
      yield* Metric.update(delay({ quantile: "1" }), toSeconds(histogram.max))
      yield* Metric.update(memory({ kind: "rss" }), rss)
      yield* Metric.update(memory({ kind: "heap" }), heapUsed)
      yield* Metric.update(memory({ kind: "external" }), external)
      histogram.reset()
    })
    yield* sample.pipe(Effect.andThen(Effect.sleep(sampleLength)), Effect.forever, Effect.forkScoped)
  })
)
