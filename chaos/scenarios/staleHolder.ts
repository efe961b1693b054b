import { Duration, Effect } from "effect"
import { firstStart, recovery } from "../ledger/starts.ts"
import type { Scenario } from "./Scenario.ts"
import { now, waitUntil } from "./World.ts"

/** A holder renews its claim this often, counted from its start, and would learn then that it is over (`keepClaim`). */
const renewEvery = 10_000
/** From its start or its last renewal: so much time is left for what follows. */
const soonAfter = { from: 500, to: 2_500 }

/**
 * A claim ends behind its holder's back (its lease is set into the past), and another replica takes the invoice over. Its
 * process runs, its queue lock holds, nothing interrupts it: only the fencing token keeps what it saves from the row.
 */
export const staleHolder: Scenario = {
  name: "a holder saves after its claim went to another",
  backends: ["redis", "postgres"],
  ci: ["postgres"],
  settleSeconds: 20,
  usualSeconds: 14,
  run: (world) =>
    Effect.gen(function*() {
      const { database, gates, producer } = world
      const first = yield* world.startReplica({ name: "A", concurrency: 1 })
      const uploaded = yield* producer.upload({ about: "taken over behind its holder's back", kind: "photo" })
      const { invoiceId } = uploaded
      yield* gates.shut("extraction", invoiceId)
      const jobId = yield* producer.enqueue(uploaded, "plain")
      yield* waitUntil("a job whose extraction is requested", Effect.sync(() => gates.callsOf("extraction", invoiceId) > 0), 20)
      const begun = firstStart(yield* world.starts, (start) => start.invoiceId === invoiceId) ?? (yield* now)
      yield* gates.shut("download", invoiceId)
      yield* world.startReplica({ name: "B", concurrency: 1 })

      const since = Effect.map(now, (time) => (time - begun) % renewEvery)
      yield* waitUntil("a moment between two renewals", Effect.map(since, (millis) => millis >= soonAfter.from && millis <= soonAfter.to), 11)
      yield* database.tell(`UPDATE tt_worker.invoice_claims SET "leaseUntil" = clock_timestamp() - interval '1 second' WHERE "invoiceId" = $1`, [invoiceId])
      const over = yield* now
      yield* producer.enqueue(uploaded, "plain")
      yield* waitUntil("another replica at work on it", Effect.sync(() => gates.callsOf("download", invoiceId) > 1), 5)
      yield* gates.open("extraction", invoiceId)
      const end = new RegExp(`job ${jobId} (completed|failed|put off|given back|abandoned)`)
      yield* waitUntil("the first holder's end", Effect.sync(() => first.said().some((line) => end.test(line))), 15)
      const row = (yield* database.finalRows).find((one) => one.invoiceId === invoiceId)
      yield* Effect.sleep(Duration.millis(world.random.between(0, 300)))
      yield* gates.open("download", invoiceId)
      return {
        recoveries: (seen) => [
          recovery("the other replica takes it over", over, firstStart(seen.starts, (start) => start.invoiceId === invoiceId && start.worker === "B"), 2)
        ],
        violations: row?.status === "processing" ? [] : [`a holder whose claim was over made the row \`${row?.status ?? "gone"}\``]
      }
    })
}
