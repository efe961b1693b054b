import { Duration, Effect, type Scope } from "effect"
import { firstStart, recovery } from "../chaos/ledger/starts.ts"
import type { Backend } from "../chaos/load/Producer.ts"
import { feed } from "../chaos/scenarios/feed.ts"
import type { Scenario } from "../chaos/scenarios/Scenario.ts"
import { now, waitUntil, type World } from "../chaos/scenarios/World.ts"
import { asOperator, reconnectTo } from "./redisOperator.ts"
import { fillTablespace } from "./smallDisk.ts"
import { workerRole } from "./workerRole.ts"

/** Every replica takes jobs again within this many seconds of the end of the fault, by itself. */
const returnLimit = 10
const jobsUnderWay = 12

/** Something that passes: it uses up no attempt, and ends no invoice in `error`. */
interface PassingFault {
  readonly name: string
  readonly backends: ReadonlyArray<Backend>
  readonly seconds: number
  readonly begin: (world: World) => Effect.Effect<unknown, never, Scope.Scope>
  readonly end: (world: World) => Effect.Effect<unknown, never, Scope.Scope>
}

const both = ["redis", "postgres"] as const

const dropConnections = ({ postgres }: World) =>
  postgres.administer(`select pg_terminate_backend(pid) from pg_stat_activity where usename = '${workerRole.user}'`)

const faults: ReadonlyArray<PassingFault> = [
  {
    name: "read-only fail-over of PostgreSQL for 10 s",
    backends: both,
    seconds: 10,
    begin: ({ postgres }) => Effect.andThen(postgres.administer("alter system set default_transaction_read_only = on"), postgres.administer("select pg_reload_conf()")),
    end: ({ postgres }) => Effect.andThen(postgres.administer("alter system reset default_transaction_read_only"), postgres.administer("select pg_reload_conf()"))
  },
  {
    name: "too many connections to PostgreSQL for 10 s",
    backends: both,
    seconds: 10,
    begin: (world) => Effect.andThen(world.postgres.administer(`alter role ${workerRole.user} connection limit 0`), dropConnections(world)),
    end: ({ postgres }) => postgres.administer(`alter role ${workerRole.user} connection limit -1`)
  },
  {
    name: "PostgreSQL's password changed for 10 s, and back",
    backends: both,
    seconds: 10,
    begin: (world) => Effect.andThen(world.postgres.administer(`alter role ${workerRole.user} password 'another'`), dropConnections(world)),
    end: ({ postgres }) => postgres.administer(`alter role ${workerRole.user} password '${workerRole.password}'`)
  },
  {
    name: "Redis out of memory for 10 s (noeviction)",
    backends: ["redis"],
    seconds: 10,
    begin: ({ redis }) => asOperator(redis.url, null, (client) => client.config("SET", "maxmemory", "1")),
    end: ({ redis }) => asOperator(redis.url, null, (client) => client.config("SET", "maxmemory", "0"))
  },
  {
    name: "Redis' password changed for 10 s, and back",
    backends: ["redis"],
    seconds: 10,
    begin: (world) => Effect.andThen(asOperator(world.redis.url, null, (client) => client.config("SET", "requirepass", "another")), reconnectTo(world, "redis")),
    end: ({ redis }) => asOperator(redis.url, "another", (client) => client.config("SET", "requirepass", ""))
  }
]

const drillOf = ({ backends, begin, end, name, seconds }: PassingFault): Scenario => ({
  name,
  backends,
  settleSeconds: 45,
  usualSeconds: 40,
  run: (world) =>
    Effect.gen(function*() {
      const replicas = [yield* world.startReplica({ name: "A", concurrency: 4 }), yield* world.startReplica({ name: "B", concurrency: 4 })]
      yield* world.gates.slow("extraction", "2 seconds")
      yield* world.gates.slow("download", "200 millis")
      for (let job = 0; job < jobsUnderWay; job++) yield* world.producer.add({ about: "at work or waiting when the fault began" })
      yield* waitUntil("jobs at work in both", Effect.map(world.starts, (starts) => replicas.every(({ name }) => starts.some(({ worker }) => worker === name))), 20)
      yield* begin(world)
      yield* Effect.sleep(Duration.seconds(seconds))
      yield* end(world)
      yield* world.gates.openAll
      const since = yield* now
      yield* feed(world, since, returnLimit + 3)
      const unready = yield* Effect.forEach(replicas, (replica) =>
        waitUntil(`${replica.name} says that it is ready`, Effect.map(replica.readiness, (status) => status === 200), 5, 200).pipe(
          Effect.as([]),
          Effect.catch(({ message }) => Effect.succeed([message]))
        ))
      return {
        recoveries: ({ starts }) =>
          replicas.map(({ name }) => recovery(`${name} starts a job afterwards`, since, firstStart(starts, ({ at, worker }) => worker === name && at >= since), returnLimit)),
        violations: [...unready.flat(), ...replicas.flatMap((replica) => replica.isAlive() ? [] : [`${replica.name} ended by itself`])],
        afterwards: Effect.map(world.producer.burnt, (jobs) => jobs.map((job) => `an attempt was used up by the fault: ${job}`))
      }
    })
})

export const passingFaults: ReadonlyArray<Scenario> = faults.map(drillOf)

/** On servers with a small disk. */
export const diskFull: Scenario = drillOf({
  name: "PostgreSQL's disk full for 10 s",
  backends: both,
  seconds: 10,
  begin: () => fillTablespace.begin,
  end: () => fillTablespace.end
})
