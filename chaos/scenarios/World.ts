import { Redis } from "ioredis"
import { Data, Duration, Effect, Redacted, type Scope } from "effect"
import type { OwnRedis } from "../../test/support/ownRedis.ts"
import { type Database, openDatabase } from "../ledger/Database.ts"
import type { LedgerEntry } from "../ledger/LedgerEntry.ts"
import { type Start, startsIn, type WorkerOf } from "../ledger/starts.ts"
import { type Backend, openProducer, type Producer } from "../load/Producer.ts"
import type { Random } from "../random.ts"
import { type Gates, makeGates } from "../servers/gates.ts"
import type { OutsideWorld } from "../servers/outsideWorld.ts"
import type { PostgresServer } from "../servers/PostgresServer.ts"
import { openTcpLink } from "../servers/tcpLink.ts"
import { type ConnectionOwners, makeConnectionOwners, type Server } from "../workers/connectionOwners.ts"
import { startWorker, type WorkerDidNotStart, type WorkerProcess } from "../workers/WorkerProcess.ts"

/** The servers that scenarios use one after the other. */
export interface Lane {
  readonly postgres: PostgresServer
  readonly redis: OwnRedis["Service"]
  readonly outside: OutsideWorld
  /** A database with every table and the ledger, copied for each scenario. */
  readonly template: string
  /** Whom the workers log in as, where it is not the server's owner. */
  readonly workerRole?: { readonly user: string; readonly password: string }
  /** Where on the server's disks each scenario's database is. */
  readonly tablespace?: string
}

export interface ReplicaOptions {
  readonly name: string
  readonly concurrency: number
  readonly graceSeconds?: number
  /** Beside what every replica of this world has. */
  readonly env?: Readonly<Record<string, string>>
  /** `dist/main.js` of another release. */
  readonly main?: string
}

/** Something that had to happen, for the scenario to mean anything, did not. */
export class DidNotHappen extends Data.TaggedError("DidNotHappen")<{ readonly what: string }> {
  override get message(): string {
    return `did not happen: ${this.what}`
  }
}

/** One scenario's database, queue, replicas and gates, on a lane's servers. */
export interface World {
  readonly backend: Backend
  readonly random: Random
  readonly postgres: PostgresServer
  readonly redis: OwnRedis["Service"]
  readonly database: Database
  readonly producer: Producer
  readonly gates: Gates
  /** As a replica has it, and a command of an operator. */
  readonly environment: Readonly<Record<string, string>>
  readonly folder: string
  readonly startReplica: (options: ReplicaOptions) => Effect.Effect<WorkerProcess, WorkerDidNotStart, Scope.Scope>
  /** Every replica so far, dead ones too. */
  readonly replicas: ReadonlyArray<WorkerProcess>
  readonly flushAll: Effect.Effect<void>
  readonly owners: ConnectionOwners
  /** Who wrote what the ledger has. */
  readonly workerOf: WorkerOf
  readonly entries: Effect.Effect<ReadonlyArray<LedgerEntry>>
  readonly starts: Effect.Effect<ReadonlyArray<Start>>
}

export const now: Effect.Effect<number> = Effect.sync(() => Date.now())

/** Looks every few milliseconds until it is so; fails with `what` when it is not so in time. */
export const waitUntil = (what: string, isSo: Effect.Effect<boolean>, seconds: number, every = 25): Effect.Effect<void, DidNotHappen> => {
  const look: Effect.Effect<void> = Effect.flatMap(isSo, (yes) => yes ? Effect.void : Effect.andThen(Effect.sleep(Duration.millis(every)), Effect.suspend(() => look)))
  return look.pipe(Effect.timeoutOrElse({ duration: Duration.seconds(seconds), orElse: () => Effect.fail(new DidNotHappen({ what: `${what} within ${seconds} s` })) }))
}

const flush = (url: string): Effect.Effect<void> =>
  Effect.acquireUseRelease(
    Effect.sync(() => new Redis(url)),
    (client) => Effect.asVoid(Effect.promise(() => client.flushall())),
    (client) => Effect.sync(() => client.disconnect())
  )

let worlds = 0

export const makeWorld = (lane: Lane, backend: Backend, random: Random, folder: string): Effect.Effect<World, never, Scope.Scope> =>
  Effect.gen(function*() {
    const name = `chaos_${++worlds}`
    const gates = makeGates()
    lane.outside.gates = gates
    yield* Effect.addFinalizer(() => gates.openAll)
    yield* lane.postgres.makeDatabase(name, lane.template, lane.tablespace)
    const redisUrl = Redacted.value(lane.redis.url)
    yield* flush(redisUrl)
    const database = yield* openDatabase(lane.postgres.urlOf(name))
    const producer = yield* openProducer({ backend, redisUrl, database, outside: lane.outside, random })

    const owners = makeConnectionOwners()
    const replicas: Array<WorkerProcess> = []
    const workerOf: WorkerOf = (port, at) => owners.ownerOf("postgres", port, at)

    const workersUrl = new URL(database.url)
    if (lane.workerRole !== undefined) {
      workersUrl.username = lane.workerRole.user
      workersUrl.password = lane.workerRole.password
    }
    const { account } = lane.outside
    const environment = {
      DATABASE_URL: workersUrl.href,
      MIGRATE_ON_START: "false",
      QUEUE: backend,
      ...(backend === "redis" ? { REDIS_URL: redisUrl } : {}),
      STORAGE: "s3",
      S3_ENDPOINT: `http://127.0.0.1:${lane.outside.ports.storage}`,
      S3_BUCKET: account.bucket,
      S3_ACCESS_KEY_ID: account.accessKeyId,
      S3_SECRET_ACCESS_KEY: account.secretAccessKey,
      OCR: "vision",
      GOOGLE_VISION_ENDPOINT: `http://127.0.0.1:${lane.outside.ports.vision}`,
      GOOGLE_VISION_API_KEY: "emulated",
      EXTRACTOR: "openai",
      OPENAI_BASE_URL: `http://127.0.0.1:${lane.outside.ports.openAi}/v1`,
      OPENAI_API_KEY: "emulated"
    }

    const startReplica: World["startReplica"] = Effect.fnUntraced(function*({ concurrency, env = {}, graceSeconds = 5, main, name }) {
      const link = (server: Server, target: number) => openTcpLink(target, (port) => owners.opened(server, port, name, Date.now()))
      const { ports } = lane.outside
      const postgres = yield* link("postgres", lane.postgres.port)
      const redis = yield* link("redis", Number(new URL(redisUrl).port))
      // Only so that the requests name their worker; these links never break.
      const [storage, vision, openAi] = yield* Effect.all([link("storage", ports.storage), link("vision", ports.vision), link("openAi", ports.openAi)])
      const databaseUrl = new URL(workersUrl)
      databaseUrl.port = String(postgres.port)
      const replica = yield* startWorker({
        name,
        folder,
        links: { postgres, redis },
        grace: graceSeconds,
        ...(main === undefined ? {} : { main }),
        env: {
          ...environment,
          DATABASE_URL: databaseUrl.href,
          ...(backend === "redis" ? { REDIS_URL: `redis://127.0.0.1:${redis.port}` } : {}),
          S3_ENDPOINT: `http://127.0.0.1:${storage.port}`,
          GOOGLE_VISION_ENDPOINT: `http://127.0.0.1:${vision.port}`,
          OPENAI_BASE_URL: `http://127.0.0.1:${openAi.port}/v1`,
          INVOICE_CONCURRENCY: String(concurrency),
          SHUTDOWN_GRACE: `${graceSeconds} seconds`,
          ...env
        }
      })
      replicas.push(replica)
      return replica
    })

    return {
      backend,
      random,
      postgres: lane.postgres,
      redis: lane.redis,
      database,
      producer,
      gates,
      environment,
      folder,
      startReplica,
      replicas,
      owners,
      flushAll: flush(redisUrl),
      workerOf,
      entries: database.ledger,
      starts: Effect.map(database.ledger, (entries) => startsIn(entries, workerOf))
    }
  })
