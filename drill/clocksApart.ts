import { writeFile } from "node:fs/promises"
import * as path from "node:path"
import { Duration, Effect } from "effect"
import { firstStart } from "../chaos/ledger/starts.ts"
import type { Scenario } from "../chaos/scenarios/Scenario.ts"
import { now, waitUntil } from "../chaos/scenarios/World.ts"

const apart = Duration.seconds(90)
/** For half of the jobs, so that a clock decides when they are due. */
const delay = Duration.seconds(15)
/** A delayed job may wait for a slot, but not for a clock. */
const latest = Duration.seconds(10)
/** Longer than a job's lock lasts without being renewed. */
const longJob = Duration.seconds(12)
const jobsEach = 6

/** Another time for this process alone, and everything that it says to others. */
const clock = `
const { now } = Date
const ahead = ${Duration.toMillis(apart)}
globalThis.Date = class extends Date {
  constructor(...given) {
    if (given.length === 0) super(now() + ahead)
    else super(...given)
  }
  static now() {
    return now() + ahead
  }
}
`

/** Two replicas that do not agree what time it is. */
export const clocksApart: Scenario = {
  name: "clocks of two replicas 90 s apart",
  backends: ["redis", "postgres"],
  settleSeconds: 40,
  usualSeconds: 60,
  run: (world) =>
    Effect.gen(function*() {
      yield* world.startReplica({ name: "A", concurrency: 4 })
      const preload = path.join(world.folder, "clock.mjs")
      yield* Effect.promise(() => writeFile(preload, clock))
      yield* world.startReplica({ name: "B", concurrency: 4, env: { NODE_OPTIONS: `--import=${preload}` } })
      yield* world.gates.slow("extraction", longJob)
      for (let job = 0; job < jobsEach; job++) yield* world.producer.add({ about: "longer than a lock lasts", kind: "photo", how: "plain" })
      const delayed: Array<{ readonly invoiceId: string; readonly at: number }> = []
      for (let job = 0; job < jobsEach; job++) {
        const uploaded = yield* world.producer.upload({ about: "delayed", kind: "e-invoice" })
        yield* world.producer.enqueue(uploaded, "plain", delay)
        delayed.push({ invoiceId: uploaded.invoiceId, at: yield* now })
      }
      const started = Effect.map(world.starts, (starts) => delayed.every(({ invoiceId }) => starts.some((start) => start.invoiceId === invoiceId)))
      yield* waitUntil("every delayed job begun", started, 60, 200)
      const starts = yield* world.starts
      const wrong = delayed.flatMap(({ at, invoiceId }) => {
        const waited = (firstStart(starts, (start) => start.invoiceId === invoiceId) ?? 0) - at
        const early = waited < Duration.toMillis(delay) - 500
        return early || waited > Duration.toMillis(delay) + Duration.toMillis(latest) ? [`a job delayed by ${Duration.toSeconds(delay)} s began after ${(waited / 1000).toFixed(1)} s`] : []
      })
      return {
        recoveries: () => [],
        violations: [...wrong, ...["A", "B"].flatMap((name) => starts.some(({ worker }) => worker === name) ? [] : [`${name} has begun no job`])],
        afterwards: Effect.gen(function*() {
          const twice = (yield* world.starts).length - new Set((yield* world.starts).map(({ invoiceId }) => invoiceId)).size
          return [
            ...(twice > 0 ? [`${twice} jobs were taken from a replica that was at them`] : []),
            ...(yield* world.producer.burnt).map((job) => `an attempt was used up: ${job}`)
          ]
        })
      }
    })
}
