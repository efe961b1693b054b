import { Metric } from "effect"

/** Seconds, from a lookup in memory to a document of many pages. */
const durations = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600]
/** Seconds in line: from at once to a night. */
const waits = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14_400, 43_200]

/**
 * Every metric of the worker, with its unit in its name (Prometheus, "Metric and label naming"). Labels are few and their
 * values known beforehand: queues, outcomes, providers, children of the tree; never a tenant, a job or an address.
 */
export const metrics = {
  jobsStarted: Metric.counter("tt_jobs_started_total", { description: "Attempts begun; label queue", incremental: true }),
  jobsFinished: Metric.counter("tt_jobs_finished_total", {
    description: "Attempts ended; labels queue, outcome (complete, retry, postpone, fail, interrupted)",
    incremental: true
  }),
  jobDuration: Metric.histogram("tt_job_duration_seconds", { description: "From taking up a job to its verdict; label queue", boundaries: durations }),
  jobWait: Metric.histogram("tt_job_wait_seconds", { description: "From adding a job to its first attempt; label queue", boundaries: waits }),
  jobAttempts: Metric.histogram("tt_job_attempts", { description: "Attempts that a job took to its end; label queue", boundaries: [1, 2, 3, 4, 5, 7, 10] }),

  queueJobs: Metric.gauge("tt_queue_jobs", { description: "Jobs in a queue, over all processes; labels queue, state (waiting, active, delayed, failed)" }),
  queueOldest: Metric.gauge("tt_queue_oldest_waiting_seconds", { description: "How long the oldest waiting job of a queue has waited; label queue" }),
  poolSize: Metric.gauge("tt_pool_size", { description: "Jobs that this process runs at once; label queue" }),
  poolRunning: Metric.gauge("tt_pool_running", { description: "Jobs that it runs now; label queue" }),
  queueUnfetchable: Metric.gauge("tt_queue_unfetchable", {
    description: "1 while this process can take no job of the queue, though it should; labels queue, cause (no-answer, full, refused)"
  }),
  queuePaused: Metric.gauge("tt_queue_paused", { description: "1 while the queue is paused or drained here; label queue" }),

  childRestarts: Metric.gauge("tt_child_restarts", { description: "Starts of a child of the supervision tree beyond its first; label child" }),
  childRunning: Metric.gauge("tt_child_running", { description: "1 while it runs; label child" }),
  ready: Metric.gauge("tt_ready", { description: "1 while /health/ready says yes" }),

  providerCalls: Metric.counter("tt_provider_calls_total", { description: "Calls to a provider, or to the storage; labels provider, outcome", incremental: true }),
  providerRunning: Metric.gauge("tt_provider_calls_running", { description: "Calls of this process to it under way; label provider" }),
  providerPages: Metric.counter("tt_provider_pages_total", { description: "Pages that a provider read; label provider", incremental: true }),
  providerTokens: Metric.counter("tt_provider_tokens_total", { description: "Tokens of a model; labels provider, direction (in, out)", incremental: true }),
  providerCost: Metric.counter("tt_provider_cost_microdollars_total", { description: "Estimated cost in millionths of a US dollar; label provider", incremental: true }),
  breakerOpen: Metric.gauge("tt_breaker_open", { description: "0 closed, 0.5 half open, 1 open; label provider" }),
  limitReached: Metric.counter("tt_limit_reached_total", { description: "Work put off by a limit; labels kind, reason (rate, concurrency, pause)", incremental: true }),

  limitWait: Metric.gauge("tt_limit_wait_seconds", { description: "How long its limits (rate, places, a pause that it asked for) still let nothing through; label provider" }),

  deliveries: Metric.counter("tt_deliveries_total", { description: "Attempts of webhook deliveries; labels outcome (delivered, failed, own-side), class (2xx, 3xx, 4xx, 5xx, network, own-side)", incremental: true }),

  eventLoopDelay: Metric.gauge("tt_event_loop_delay_seconds", { description: "Delay of the event loop over the last sample; label quantile (0.5, 0.99, 1)" }),
  memory: Metric.gauge("tt_memory_bytes", { description: "Memory of this process; label kind (rss, heap, external)" })
} as const

type Labels = Readonly<Record<string, string>>

/**
 * The series of a metric for these labels. Kept: making one for each update would cost more than the update. There are as
 * many as there are values, which are known beforehand.
 */
export const labelled = <Input, State>(metric: Metric.Metric<Input, State>): (labels: Labels) => Metric.Metric<Input, State> => {
  const series = new Map<string, Metric.Metric<Input, State>>()
  return (labels) => {
    const key = Object.values(labels).join("\n")
    const known = series.get(key)
    if (known !== undefined) return known
    const made = Metric.withAttributes(metric, labels)
    series.set(key, made)
    return made
  }
}
