import { Effect, Layer, Redacted } from "effect"
import * as Digest from "effect/crypto/Digest"
import { memoryStores } from "../../layers/limits/memoryStores.ts"
import * as SharedLimits from "../../layers/limits/SharedLimits.ts"
import * as OAuthCredentials from "../../layers/oauth/OAuthCredentials.ts"
import * as AesSealedSecrets from "../../layers/secrets/AesSealedSecrets.ts"
import * as DiskStorage from "../../layers/storage/DiskStorage.ts"
import { EmailSync } from "../../programs/email-sync/EmailSync.ts"
import { runAttempt } from "../../src/supervisor/attempt.ts"
import { invoiceAttempt } from "./invoiceServices.ts"
import { tempDir } from "./tempDir.ts"

/** Eight times eight letters: a key of 32 bytes. */
export const testKey = (id: string): AesSealedSecrets.SealingKey => ({ id, bytes: Redacted.make(new TextEncoder().encode(id.padEnd(32, ".").slice(0, 32))) })

/** Files in a temporary folder. */
export const ownStorage = Layer.unwrap(Effect.map(tempDir, (folder) => DiskStorage.layer({ root: `${folder}/files` }))).pipe(Layer.orDie)

/** Everything of a sync but tables and mail servers. */
export const mailServices = (options: { readonly providers?: ReadonlyArray<OAuthCredentials.OAuthProvider> } = {}) =>
  OAuthCredentials.layer(options.providers ?? []).pipe(
    Layer.provideMerge(Layer.mergeAll(AesSealedSecrets.layer([testKey("k1")]), Digest.layerWebCrypto)),
    Layer.provideMerge(Layer.mergeAll(ownStorage, SharedLimits.layer.pipe(Layer.provide(memoryStores))))
  )

let jobs = 0

/** One attempt of an `email-sync` job, as the consumer runs it: what the queue is told. */
export const runEmailSync = (tenantId: string, change: Parameters<typeof invoiceAttempt>[1] = {}, data: object = {}) =>
  runAttempt(EmailSync)(invoiceAttempt({ tenantId, ...data }, { queue: "email-sync", jobId: `sync-${++jobs}`, ...change }))
