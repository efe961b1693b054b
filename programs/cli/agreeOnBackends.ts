import { Data, Effect, Layer } from "effect"
import type { Settings } from "../../src/config/Settings.ts"
import { DatabaseServer } from "../../src/services/DatabaseServer.ts"

const backendsOf = ({ queue, storage }: Settings): Readonly<Record<"queue" | "storage", string>> => ({
  queue: queue._tag === "redis" ? `Redis at ${queue.label}` : "its PostgreSQL",
  storage: storage._tag === "s3" ? `S3 bucket ${storage.bucket}` : "files on disk"
})

const variables = { queue: "REDIS_URL (or QUEUE)", storage: "the S3_ variables (or STORAGE)" } as const

/** A command on the same data folder as a supervisor, with other settings: its work would end where nobody looks. */
export class BackendsDiffer extends Data.TaggedError("BackendsDiffer")<{
  readonly what: "queue" | "storage"
  readonly theirs: string
  readonly ours: string
}> {
  override get message(): string {
    return `the tt-worker that runs on this data folder keeps its ${this.what} in ${this.theirs}, but this command would use ${this.ours}: set ${variables[this.what]} as it is set there`
  }
}

/** The owner of a data folder says which backends it works with; a command that joins must work with the same. */
export const agreeOnBackends = (settings: Settings): Layer.Layer<never, BackendsDiffer | Error, DatabaseServer> =>
  Layer.effectDiscard(Effect.gen(function*() {
    const { joined, publish, published } = yield* DatabaseServer
    const ours = backendsOf(settings)
    if (!joined) return yield* publish(ours)
    const facts = yield* published
    for (const what of ["queue", "storage"] as const) {
      const theirs = facts[what]
      if (theirs !== undefined && theirs !== ours[what]) return yield* new BackendsDiffer({ what, theirs, ours: ours[what] })
    }
  }))
