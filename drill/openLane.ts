import { Context, Effect, Layer, type Scope } from "effect"
import { fillTemplate } from "../chaos/runAll.ts"
import type { Lane } from "../chaos/scenarios/World.ts"
import { makeGates } from "../chaos/servers/gates.ts"
import { startOutsideWorld } from "../chaos/servers/outsideWorld.ts"
import { startPostgres } from "../chaos/servers/PostgresServer.ts"
import { OwnRedis } from "../test/support/ownRedis.ts"
import { tempDir } from "../test/support/tempDir.ts"
import { smallDisk } from "./smallDisk.ts"
import { workerRole } from "./workerRole.ts"

const template = "drill_template"
const tablespace = "small"

const asWorker = (url: string): string => {
  const own = new URL(url)
  own.username = workerRole.user
  own.password = workerRole.password
  return own.href
}

/** Servers whose operator can do to them what operators do: roles, a small disk, a data folder that is put back. */
export const openDrillLane = (options: { readonly smallDisk: boolean }): Effect.Effect<Lane, never, Scope.Scope> =>
  Effect.gen(function*() {
    const folder = yield* tempDir
    const postgres = yield* startPostgres
    yield* postgres.administer(`create role ${workerRole.user} login password '${workerRole.password}'`)
    yield* postgres.administer(`create database ${template} owner ${workerRole.user} template template0`)
    yield* fillTemplate(asWorker(postgres.urlOf(template)), folder)
    const disk = options.smallDisk ? yield* smallDisk(postgres.owner) : null
    if (disk !== null) yield* postgres.administer(`create tablespace ${tablespace} location '${disk}'`)
    const redis = Context.get(yield* Layer.build(Layer.fresh(OwnRedis.layer)), OwnRedis)
    return { postgres, redis, outside: yield* startOutsideWorld(makeGates()), template, workerRole, ...(disk === null ? {} : { tablespace }) }
  })
