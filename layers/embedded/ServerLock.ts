import { Data, Effect, FileSystem, Option, Schema } from "effect"
import type { PlatformError } from "effect/PlatformError"
import { randomUUID } from "node:crypto"
import * as path from "node:path"
import { EmbeddedPostgresError } from "./EmbeddedPostgresError.ts"
import { makeFolder } from "./makeFolder.ts"
import { isRunning, startOf } from "./processIdentity.ts"

/**
 * One owner per data folder, as long as its process lives.
 *
 * Everyone who wants the folder puts a claim file with his pid and process start into `lock/`, *then* lists the
 * folder. Who sees no other living claim is the owner and writes `owner.json`. Of two claims, at least the later
 * one sees the other, so there are never two owners; of two that see each other the lower name stays. Claims of dead
 * processes are no claims and may be removed by anyone at any time, since a claim's name is never used twice:
 * neither a `kill -9` nor a reused pid nor two starts in the same instant can confuse it.
 */
const Claim = Schema.fromJsonString(Schema.Struct({ pid: Schema.Int, start: Schema.String }))

/** What the owner tells to commands that want to join it. */
const OwnerFile = Schema.fromJsonString(Schema.Struct({
  claim: Schema.String,
  pid: Schema.Int,
  /** Present as soon as the server answers. */
  server: Schema.optional(Schema.Struct({ folder: Schema.String, port: Schema.Int })),
  facts: Schema.Record(Schema.String, Schema.String)
}))

const decodeClaim = Schema.decodeUnknownEffect(Claim)
const encodeClaim = Schema.encodeEffect(Claim)
const decodeOwner = Schema.decodeUnknownEffect(OwnerFile)
const encodeOwner = Schema.encodeEffect(OwnerFile)

export type LockOwner = typeof OwnerFile.Type

/** The folder is taken by a living process. */
export class LockTaken extends Data.TaggedError("LockTaken")<{ readonly pid: number }> {}

/** The owner's handle; what it writes is for guests to read. */
export interface ServerLock {
  readonly update: (
    published: Pick<LockOwner, "server" | "facts">
  ) => Effect.Effect<void, PlatformError, FileSystem.FileSystem>
}

/** A rival that neither becomes the owner nor goes away in this time (stopped by a signal) counts as the owner. */
const PATIENCE = "10 seconds"

/**
 * Takes the folder until the scope closes; fails with `LockTaken` while another living process has it, and with
 * `unwritable` where nothing can be made in it.
 */
export const acquire = Effect.fn("ServerLock.acquire")(function*(dataDir: string) {
  const fs = yield* FileSystem.FileSystem
  const folder = lockFolder(dataDir)
  const name = `${process.pid}-${randomUUID()}.json`
  const start = Option.getOrElse(yield* startOf(process.pid), () => "")
  const write = (file: string, content: string) => writeWhole(path.join(folder, file), content)
  const withdraw = Effect.ignore(fs.remove(path.join(folder, name), { force: true }))

  yield* makeFolder(folder).pipe(Effect.mapError((cause) => EmbeddedPostgresError.unwritable(dataDir, cause)))
  yield* Effect.acquireRelease(
    encodeClaim({ pid: process.pid, start }).pipe(Effect.orDie, Effect.flatMap((claim) => write(name, claim))),
    () => withdraw
  )

  const update: ServerLock["update"] = (published) =>
    encodeOwner({ claim: name, pid: process.pid, ...published }).pipe(
      Effect.orDie,
      Effect.flatMap((content) => write(OWNER, content))
    )

  const othersGone: Effect.Effect<void, LockTaken | PlatformError, FileSystem.FileSystem> = Effect.gen(function*() {
    const others = (yield* livingClaims(folder)).filter((claim) => claim.name !== name)
    const first = others[0]
    if (first === undefined) return
    const owner = yield* findOwner(dataDir)
    if (Option.isSome(owner)) return yield* new LockTaken({ pid: owner.value.pid })
    if (first.name < name) return yield* new LockTaken({ pid: first.pid })
    yield* Effect.sleep("20 millis")
    return yield* othersGone
  })
  const impatient = livingClaims(folder).pipe(Effect.flatMap((claims) =>
    Effect.fail(new LockTaken({ pid: claims.find((claim) => claim.name !== name)?.pid ?? 0 }))
  ))
  yield* othersGone.pipe(
    Effect.timeoutOrElse({ duration: PATIENCE, orElse: () => impatient }),
    Effect.onError(() => withdraw)
  )

  yield* Effect.acquireRelease(
    update({ facts: {} }),
    () => Effect.ignore(fs.remove(path.join(folder, OWNER), { force: true }))
  )
  const lock: ServerLock = { update }
  return lock
})

/** The living owner of the folder, if there is one. Reads only. */
export const findOwner = Effect.fnUntraced(function*(dataDir: string) {
  const folder = lockFolder(dataDir)
  const fs = yield* FileSystem.FileSystem
  const owner = yield* fs.readFileString(path.join(folder, OWNER)).pipe(
    Effect.flatMap(decodeOwner),
    Effect.asSome,
    Effect.catchTag("SchemaError", () => Effect.succeedNone),
    noneIfAbsent
  )
  if (Option.isNone(owner)) return owner
  const claim = yield* readClaim(folder, owner.value.claim)
  return Option.isSome(claim) && (yield* isRunning(claim.value.pid, claim.value.start)) ? owner : Option.none<LockOwner>()
})

const OWNER = "owner.json"
const CLAIM_NAME = /^\d+-[0-9a-f-]{36}\.json$/

const lockFolder = (dataDir: string) => path.join(dataDir, "lock")

/** All claims of living processes, in the order of their names; removes those of dead ones. */
const livingClaims = Effect.fnUntraced(function*(folder: string) {
  const fs = yield* FileSystem.FileSystem
  const names = yield* fs.readDirectory(folder).pipe(Effect.asSome, noneIfAbsent)
  const living: Array<{ readonly name: string; readonly pid: number }> = []
  for (const name of Option.getOrElse(names, () => []).filter((name) => CLAIM_NAME.test(name)).sort()) {
    const claim = yield* readClaim(folder, name)
    if (Option.isSome(claim) && (yield* isRunning(claim.value.pid, claim.value.start))) {
      living.push({ name, pid: claim.value.pid })
    } else {
      // Another starter may have removed it meanwhile, or it is not ours to remove: it is dead either way.
      yield* Effect.ignore(fs.remove(path.join(folder, name), { force: true }))
    }
  }
  return living
})

/** None when the claim is gone, or not whole (the machine lost power while it was written). */
const readClaim = Effect.fnUntraced(function*(folder: string, name: string) {
  const fs = yield* FileSystem.FileSystem
  return yield* fs.readFileString(path.join(folder, path.basename(name))).pipe(
    Effect.flatMap(decodeClaim),
    Effect.asSome,
    Effect.catchTag("SchemaError", () => Effect.succeedNone),
    noneIfAbsent
  )
})

const noneIfAbsent = <A, E extends { readonly _tag: string }, R>(
  effect: Effect.Effect<Option.Option<A>, E | PlatformError, R>
) => Effect.catchReason(effect, "PlatformError", "NotFound", () => Effect.succeedNone)

/** Readers see the old content or the new, never a part. */
const writeWhole = Effect.fnUntraced(function*(file: string, content: string) {
  const fs = yield* FileSystem.FileSystem
  yield* fs.writeFileString(`${file}.new`, content, { mode: 0o600 })
  yield* fs.rename(`${file}.new`, file)
})
