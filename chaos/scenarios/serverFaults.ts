import { Duration, Effect } from "effect"
import { firstStart, recovery, slowest } from "../ledger/starts.ts"
import type { Backend } from "../load/Producer.ts"
import type { Links } from "../workers/WorkerProcess.ts"
import type { Fault, Scene } from "./faultAtEveryBoundary.ts"
import { feed } from "./feed.ts"
import { now, waitUntil, type World } from "./World.ts"

/** Every consumer takes jobs again within this many seconds of the server's return. */
const returnLimit = 10
/** What a flushed queue forgot is enqueued again within this many. */
const reconcileLimit = 60

/** Held requests are let go while the server is away and shortly after, but before their own time limit. */
const longestHold = 20

interface Outage {
  readonly name: string
  readonly seconds: number
  readonly backends: ReadonlyArray<Backend>
  readonly ci?: ReadonlyArray<Backend>
  /** The link that is broken; none where it is the server. */
  readonly breaks?: keyof Links
  readonly begin: (world: World) => Effect.Effect<void>
  readonly end: (world: World) => Effect.Effect<void>
}

const mendVictim = ({ victim }: Scene) => Effect.all([victim.links.redis.mend, victim.links.postgres.mend])

const outage = ({ begin, breaks, end, name, seconds, ...about }: Outage): Fault => ({
  name,
  ...about,
  settleSeconds: 40,
  usualSeconds: 30 + seconds,
  strike: (scene) =>
    Effect.gen(function*() {
      const { freeSlots, held, world } = scene
      const before = world.replicas.filter((replica) => replica.isAlive())
      yield* begin(world)
      // What holds the victim at the edge has done its part: from here on only the fault is in the way.
      if (breaks !== "redis") yield* scene.victim.links.redis.mend
      if (breaks !== "postgres") yield* scene.victim.links.postgres.mend
      yield* held.openWithin(Math.min(seconds + 1, longestHold) * 1000)
      yield* Effect.forkScoped(Effect.andThen(Effect.sleep(Duration.seconds(world.random.between(0, seconds))), freeSlots))
      yield* Effect.sleep(Duration.seconds(seconds))
      yield* end(world)
      yield* mendVictim(scene)
      const since = yield* now
      yield* Effect.forkScoped(Effect.andThen(Effect.sleep("2 seconds"), freeSlots))
      yield* feed(world, since, returnLimit + 3)
      const unready = yield* Effect.forEach(before, (replica) =>
        waitUntil(`${replica.name} says that it is ready`, Effect.map(replica.readiness, (status) => status === 200), 5, 200).pipe(
          Effect.as([]),
          Effect.catch(({ message }) => Effect.succeed([message]))
        ))
      return {
        recoveries: ({ starts }) =>
          before.map(({ name }) =>
            recovery(`${name} starts a job after the return`, since, firstStart(starts, ({ at, worker }) => worker === name && at >= since), returnLimit)),
        violations: [
          ...before.flatMap((replica) => replica.isAlive() ? [] : [`${replica.name} ended by itself during the outage`]),
          ...unready.flat()
        ]
      }
    })
})

const everyLink = (which: keyof Links, how: "cut" | "hold" | "mend") => (world: World) =>
  Effect.forEach(world.replicas, ({ links }) => how === "hold" ? links[which].hold() : links[which][how], { discard: true })

const cutLink = (which: keyof Links, label: string, seconds: number, backends: ReadonlyArray<Backend>, ci?: ReadonlyArray<Backend>): Outage => ({
  name: `the link to ${label} cut for ${seconds} s`,
  seconds,
  backends,
  breaks: which,
  ...(ci === undefined ? {} : { ci }),
  begin: everyLink(which, "cut"),
  end: everyLink(which, "mend")
})

const silentLink = (which: keyof Links, label: string, seconds: number, backends: ReadonlyArray<Backend>): Outage => ({
  name: `the link to ${label} silent for ${seconds} s`,
  seconds,
  backends,
  breaks: which,
  begin: everyLink(which, "hold"),
  end: everyLink(which, "mend")
})

const both = ["redis", "postgres"] as const

const outages: ReadonlyArray<Outage> = [
  { name: "Redis killed and started again", seconds: 2, backends: ["redis"], begin: ({ redis }) => redis.stop, end: ({ redis }) => redis.start },
  { name: "Redis stopped (SIGSTOP) for 10 s", seconds: 10, backends: ["redis"], begin: ({ redis }) => redis.pause, end: ({ redis }) => redis.resume },
  ...[5, 20, 60].map((seconds) => cutLink("redis", "Redis", seconds, ["redis"])),
  silentLink("redis", "Redis", 20, ["redis"]),
  { name: "PostgreSQL killed and started again", seconds: 2, backends: both, ci: ["postgres"], begin: ({ postgres }) => postgres.kill, end: ({ postgres }) => postgres.start },
  { name: "PostgreSQL stopped (SIGSTOP) for 10 s", seconds: 10, backends: both, begin: ({ postgres }) => postgres.pause, end: ({ postgres }) => postgres.resume },
  ...[5, 20, 60].map((seconds) => cutLink("postgres", "PostgreSQL", seconds, seconds === 20 ? ["postgres"] : both)),
  silentLink("postgres", "PostgreSQL", 20, both)
]

const flushed: Fault = {
  name: "FLUSHALL under load",
  backends: ["redis"],
  settleSeconds: 75,
  usualSeconds: 85,
  strike: (scene) =>
    Effect.gen(function*() {
      const { freeSlots, held, waiting, world } = scene
      yield* world.flushAll
      const since = yield* now
      yield* mendVictim(scene)
      yield* held.openWithin(2_000)
      yield* freeSlots
      return {
        recoveries: ({ starts }) => [
          slowest(
            "what waited is started",
            since,
            waiting.map(({ invoiceId }) => firstStart(starts, (start) => start.invoiceId === invoiceId)),
            reconcileLimit
          )
        ],
        violations: []
      }
    })
}

export const serverFaults: ReadonlyArray<Fault> = [flushed, ...outages.map(outage)]
