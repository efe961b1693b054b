import { Effect } from "effect"
import { slowest } from "../ledger/starts.ts"
import type { Scenario } from "./Scenario.ts"
import { now, waitUntil, type World } from "./World.ts"

/** With neighbours at the first death, then twice alone. */
const mostDeaths = 3
/** After so many the harness has seen enough. */
const patience = 4

/** Invoices other than this one that are in `processing` on that replica. */
const neighboursOf = (world: World, poison: string, worker: string) =>
  Effect.gen(function*() {
    const rows = yield* world.database.finalRows
    const starts = yield* world.starts
    const inProcess = new Set(rows.filter(({ status }) => status === "processing").map(({ invoiceId }) => invoiceId))
    const last = new Map(starts.map((start) => [start.invoiceId, start.worker]))
    return [...inProcess].filter((id) => id !== poison && last.get(id) === worker).length
  })

const statusOf = (world: World, invoiceId: string) =>
  Effect.map(world.database.finalRows, (rows) => rows.find((row) => row.invoiceId === invoiceId)?.status ?? "gone")

const poison = (by: "the API" | "a job scheduler"): Scenario => ({
  name: `a job, made by ${by}, that kills its process each time`,
  backends: ["redis", "postgres"],
  settleSeconds: 40,
  usualSeconds: 75,
  run: (world) =>
    Effect.gen(function*() {
      const { gates, producer } = world
      yield* gates.slow("download", "300 millis")
      const start = (name: string) => world.startReplica({ name, concurrency: 4 })
      yield* Effect.all([start("A1"), start("B1")], { concurrency: 2 })
      const culprit = yield* producer.upload({ about: "the job that kills", kind: "photo", expected: "error" })
      yield* gates.shut("download", culprit.invoiceId)
      yield* by === "the API" ? producer.enqueue(culprit, "plain") : producer.schedule(culprit)
      const neighbours = yield* Effect.forEach(Array.from({ length: 20 }), () => producer.add({ about: "a neighbour", kind: "e-invoice" }))
      const began = yield* now

      const violations: Array<string> = []
      let deaths = 0
      let quarantined = false
      while (deaths < patience && !quarantined) {
        yield* waitUntil(
          `after ${deaths} deaths the job that kills starts again or is in \`error\``,
          Effect.map(statusOf(world, culprit.invoiceId), (status) => status === "error" || gates.callsOf("download", culprit.invoiceId) > deaths),
          40
        )
        quarantined = (yield* statusOf(world, culprit.invoiceId)) === "error"
        if (quarantined) break
        const worker = world.owners.ownerOf("storage", gates.lastPeer("download", culprit.invoiceId), yield* now)
        const beside = yield* neighboursOf(world, culprit.invoiceId, worker)
        if (deaths > 0 && beside > 0) violations.push(`${beside} other jobs were in flight in its process when it killed for the ${deaths + 1}. time`)
        deaths++
        const replica = world.replicas.find(({ name }) => name === worker)
        if (replica === undefined) continue
        yield* replica.signal("SIGKILL")
        yield* Effect.all([replica.links.redis.cut, replica.links.postgres.cut])
        yield* start(`${worker.slice(0, 1)}${Number(worker.slice(1)) + 1}`)
      }
      yield* gates.open("download", culprit.invoiceId)
      if (deaths > mostDeaths) violations.push(`it killed ${deaths} processes and was not set aside`)
      // The row is closed first, then the job.
      const inFailedList = Effect.map(producer.failed, (failed) => failed.find(({ invoiceId }) => invoiceId === culprit.invoiceId)?.reason)
      yield* Effect.ignore(waitUntil("the job is in the failed list", Effect.map(inFailedList, (reason) => reason !== undefined), 5))
      const reason = yield* inFailedList
      if (reason === undefined) violations.push("it is not in the failed list")
      if (by === "a job scheduler") yield* producer.unschedule(culprit)
      return {
        recoveries: ({ entries }) => [
          slowest("every neighbour is processed", began, neighbours.map(({ invoiceId }) => entries.find((entry) => entry.invoiceId === invoiceId && entry.to === "processed")?.at ?? null), 75)
        ],
        violations
      }
    })
})

export const poisonScenarios: ReadonlyArray<Scenario> = [poison("the API"), poison("a job scheduler")]
