import { execFile } from "node:child_process"
import { mkdir, writeFile } from "node:fs/promises"
import * as path from "node:path"
import { promisify } from "node:util"
import { Effect, Schema } from "effect"
import type { Backend, Uploaded } from "../chaos/load/Producer.ts"
import type { Scenario } from "../chaos/scenarios/Scenario.ts"
import { waitUntil, type World } from "../chaos/scenarios/World.ts"
import { runCommand } from "../chaos/workers/WorkerProcess.ts"
import { QUEUE_NAMES } from "../src/contract/index.ts"
import { type Subscriber, subscribe, type Told } from "./subscriber.ts"

const run = promisify(execFile)

type Store = "postgres" | "redis"

/** Which store is put back to which of two moments; the other one, and the files, are as they were at the disaster. */
interface Restore {
  readonly name: string
  readonly backends: ReadonlyArray<Backend>
  readonly earlier: ReadonlyArray<Store>
  readonly later: ReadonlyArray<Store>
}

const restores: ReadonlyArray<Restore> = [
  { name: "restore of PostgreSQL alone, older than Redis and the files", backends: ["redis"], earlier: ["postgres"], later: [] },
  { name: "restore of PostgreSQL with the queues in it, older than the files", backends: ["postgres"], earlier: ["postgres"], later: [] },
  { name: "restore of Redis alone, older than PostgreSQL", backends: ["redis"], earlier: ["redis"], later: [] },
  { name: "restore of both, Redis from before PostgreSQL", backends: ["redis"], earlier: ["redis"], later: ["postgres"] },
  { name: "restore of both, PostgreSQL from before Redis", backends: ["redis"], earlier: ["postgres"], later: ["redis"] }
]

const perPhase = 6
/** How long it is looked whether a paused worker keeps still: several rounds of everything that goes by itself. */
const stillness = 12

const Ids = Schema.Array(Schema.Struct({ id: Schema.String }))
const Deliveries = Schema.Array(Schema.Struct({ id: Schema.String, status: Schema.String }))

const invoiceIds = (world: World) => Effect.map(world.database.ask(Ids, "SELECT id FROM invoices"), (rows) => new Set(rows.map(({ id }) => id)))
const deliveries = (world: World) => world.database.ask(Deliveries, `SELECT id, status::text AS status FROM webhook_deliveries`)

/** Everything processed and told. */
const allOver = (world: World) =>
  Effect.all([world.database.finalRows, deliveries(world)]).pipe(
    Effect.map(([rows, told]) => rows.every(({ status }) => status !== "nouveau" && status !== "processing") && told.every(({ status }) => status === "delivered"))
  )

/** Invoices of which some are through, and two are at the paid step: what a backup finds on any day. */
const phase = (world: World, about: string, backUp: Effect.Effect<void>) =>
  Effect.gen(function*() {
    for (let job = 0; job < perPhase; job++) yield* world.producer.add({ about, how: "plain" })
    yield* waitUntil(`${about}: all through`, allOver(world), 40, 200)
    const held: Array<Uploaded> = []
    for (let job = 0; job < 2; job++) {
      const uploaded = yield* world.producer.upload({ about: `${about}, at work`, kind: "photo" })
      yield* world.gates.shut("extraction", uploaded.invoiceId)
      yield* world.producer.enqueue(uploaded, "plain")
      held.push(uploaded)
    }
    yield* Effect.forEach(held, ({ invoiceId }) => world.gates.arrival("extraction", invoiceId), { discard: true }).pipe(Effect.timeout("20 seconds"), Effect.orDie)
    yield* backUp
    yield* Effect.forEach(held, ({ invoiceId }) => world.gates.open("extraction", invoiceId), { discard: true })
    yield* waitUntil(`${about}: all through`, allOver(world), 40, 200)
  })

const backUpOf = (world: World, folder: string): Readonly<Record<Store, Effect.Effect<void>>> => ({
  postgres: world.postgres.backUp(path.join(folder, "postgres")),
  redis: Effect.promise(async () => void await run("cp", ["-a", world.redis.directory, path.join(folder, "redis")]))
})

const putBackOf = (world: World, folder: string): Readonly<Record<Store, Effect.Effect<void>>> => ({
  postgres: world.postgres.restore(path.join(folder, "postgres")),
  redis: world.redis.stop.pipe(
    Effect.andThen(Effect.promise(async () => {
      await run("sh", ["-c", `rm -rf '${world.redis.directory}'/* && cp -a '${path.join(folder, "redis")}'/. '${world.redis.directory}'`])
    })),
    Effect.andThen(world.redis.start)
  )
})

const snapshot = (world: World, { told }: Subscriber) =>
  Effect.all({
    ledger: Effect.map(world.entries, ({ length }) => length),
    // What was active in a dead worker may wait again meanwhile.
    queue: Effect.map(world.producer.unfinishedCounts, (counts) => Object.values(counts).reduce((sum, count) => sum + count, 0))
  }).pipe(
    Effect.map((stores) => JSON.stringify({ ...stores, told: told().length, paid: world.gates.calls("recognition") + world.gates.calls("extraction") }))
  )

/** The same event may be told again, by the same id and in the same words; never by another id. */
const toldTwice = (told: ReadonlyArray<Told>): ReadonlyArray<string> => {
  const ids = new Map<string, string>()
  const said = new Map<string, string>()
  return told.flatMap(({ about, id, words }) => {
    const [knownId, knownWords] = [ids.get(about) ?? id, said.get(id) ?? words]
    ids.set(about, knownId)
    said.set(id, knownWords)
    return knownId !== id ? [`${about} was told as ${knownId} and as ${id}`] : knownWords !== words ? [`${id} was told in other words`] : []
  })
}

const drillOf = ({ backends, earlier, later, name }: Restore): Scenario => ({
  name,
  backends,
  settleSeconds: 30,
  usualSeconds: 120,
  run: (world): ReturnType<Scenario["run"]> =>
    Effect.gen(function*() {
      const subscriber = yield* subscribe(world)
      const first = yield* world.startReplica({ name: "before", concurrency: 4, env: subscriber.env })
      const backups = { earlier: path.join(world.folder, "earlier"), later: path.join(world.folder, "later") }
      yield* Effect.promise(async () => {
        await mkdir(backups.earlier, { recursive: true })
        await mkdir(backups.later, { recursive: true })
      })
      const take = (stores: ReadonlyArray<Store>, folder: string) => Effect.forEach(stores, (store) => backUpOf(world, folder)[store], { discard: true })
      yield* phase(world, "before the earlier backup", take(earlier, backups.earlier))
      yield* phase(world, "before the later backup", take(later, backups.later))
      yield* phase(world, "after every backup", Effect.void)
      const [person] = world.producer.asked
      if (person !== undefined) yield* world.database.tell(`UPDATE invoices SET status = 'approved', "updatedAt" = now() WHERE id = $1`, [person.invoiceId])

      yield* first.signal("SIGKILL")
      yield* first.ended
      yield* Effect.forEach(earlier, (store) => putBackOf(world, backups.earlier)[store], { discard: true })
      yield* Effect.forEach(later, (store) => putBackOf(world, backups.later)[store], { discard: true })
      const left = yield* invoiceIds(world)
      yield* world.producer.forget(new Set(world.producer.asked.flatMap(({ invoiceId }) => left.has(invoiceId) && invoiceId !== person?.invoiceId ? [] : [invoiceId])))

      yield* world.startReplica({ name: "after", concurrency: 4, env: { ...subscriber.env, START_PAUSED: "true" } })
      const before = yield* snapshot(world, subscriber)
      const command = (...args: ReadonlyArray<string>) => runCommand(args, world.environment, world.folder)
      const would = yield* command("reconcile", "--dry-run")
      yield* Effect.promise(() => writeFile(path.join(world.folder, "reconcile.txt"), would))
      yield* Effect.sleep(`${stillness} seconds`)
      const still = yield* snapshot(world, subscriber)
      yield* Effect.forEach(Object.values(QUEUE_NAMES), (queue) => command("resume", queue), { discard: true })
      yield* waitUntil("everything through after the restore", allOver(world), 120, 500)

      return {
        recoveries: () => [],
        violations: still === before ? [] : [`a paused worker changed something: ${before} became ${still}`],
        afterwards: Effect.gen(function*() {
          const told = subscriber.told()
          const received = new Set(told.map(({ delivery }) => delivery))
          const rows = yield* deliveries(world)
          const again = told.length - new Set(told.map(({ id }) => id)).size
          yield* Effect.logInfo(`${name}: ${rows.length} deliveries, ${again} told again by the same id\n${would}`)
          return [
            ...toldTwice(told),
            ...rows.flatMap(({ id }) => received.has(id) ? [] : [`${id} was not told`]),
            ...(yield* world.producer.burnt).map((job) => `an attempt was used up: ${job}`)
          ]
        })
      }
    })
})

export const restoreDrills: ReadonlyArray<Scenario> = restores.map(drillOf)
