import { Duration, Effect } from "effect"
import { firstStart, recovery } from "../ledger/starts.ts"
import type { Scenario, Seen } from "./Scenario.ts"
import { now, waitUntil } from "./World.ts"

const crowd = 1_000
const slots = 4
/** The download alone; what the whole job takes is measured. */
const download = Duration.millis(600)

/** From started to processed, the median of the crowd, in seconds. */
const jobLengthOf = ({ entries, starts }: Seen): number => {
  const lengths = starts.flatMap(({ at, invoiceId }) => {
    const end = entries.find((entry) => entry.invoiceId === invoiceId && entry.to === "processed")
    return end === undefined ? [] : [(end.at - at) / 1000]
  }).sort((a, b) => a - b)
  return lengths[Math.floor(lengths.length / 2)] ?? Duration.toSeconds(download)
}

/** Tenant A has a thousand jobs waiting; one that tenant B adds must not wait for them. */
export const fairness: Scenario = {
  name: "tenant A has 1,000 jobs waiting, tenant B adds one",
  backends: ["redis", "postgres"],
  settleSeconds: 20,
  usualSeconds: 30,
  run: (world) =>
    Effect.gen(function*() {
      const { producer, random } = world
      yield* world.gates.slow("download", download)
      yield* producer.crowd(crowd, "tenant-a")
      yield* world.startReplica({ name: "A", concurrency: slots })
      yield* waitUntil("the crowd is at work", Effect.map(world.starts, (starts) => starts.length >= slots), 10)
      const added: Array<{ readonly invoiceId: string; readonly at: number }> = []
      for (const turn of [1, 2, 3]) {
        yield* Effect.sleep(Duration.millis(random.between(200, 900)))
        const uploaded = yield* producer.upload({ about: `tenant B's job ${turn}`, tenantId: "tenant-b", kind: "e-invoice", expected: null })
        yield* producer.enqueue(uploaded, "plain")
        added.push({ invoiceId: uploaded.invoiceId, at: yield* now })
        const started = Effect.map(world.starts, (starts) => starts.some(({ invoiceId }) => invoiceId === uploaded.invoiceId))
        const isFair = yield* waitUntil(`tenant B's job ${turn} starts`, started, 6).pipe(Effect.as(true), Effect.catch(() => Effect.succeed(false)))
        // What did not happen once need not be seen three times.
        if (!isFair) break
      }
      return {
        recoveries: (seen) => {
          const limit = 2 * jobLengthOf(seen)
          return added.map(({ at, invoiceId }, index) =>
            recovery(`tenant B's job ${index + 1} starts`, at, firstStart(seen.starts, (start) => start.invoiceId === invoiceId), limit))
        },
        violations: []
      }
    })
}
