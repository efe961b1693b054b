import { Effect, Layer } from "effect"
import type { Settings } from "../../src/config/Settings.ts"
import type { StorageKey } from "../../src/domain/ids.ts"
import { OutsideCalls } from "../../src/observability/OutsideCalls.ts"
import { ObjectStorage, type StorageError } from "../../src/services/ObjectStorage.ts"
import * as DiskStorage from "./DiskStorage.ts"
import * as S3Storage from "./S3Storage.ts"

const name = "storage"

/** On record for people who look at how it answers. */
const watched = Layer.effect(
  ObjectStorage,
  Effect.gen(function*() {
    const storage = yield* ObjectStorage
    const outside = yield* OutsideCalls
    yield* outside.uses(name)
    const watch = outside.watched(name)
    return ObjectStorage.of({
      presignGet: storage.presignGet,
      download: (key, options) => watch(storage.download(key, options)),
      put: (key, bytes, contentType) => watch(storage.put(key, bytes, contentType)),
      receive: (bytes) =>
        Effect.map(storage.receive(bytes), (received) => ({ ...received, store: (key: StorageKey, contentType: string) => watch(received.store(key, contentType)) })),
      head: (key) => watch(storage.head(key))
    })
  })
)

/** Files on disk below DATA_DIR, or in S3: as the settings say. */
export const layer = ({ dataDir, storage }: Settings): Layer.Layer<ObjectStorage, StorageError> =>
  watched.pipe(Layer.provide(storage._tag === "disk" ? DiskStorage.layer({ root: `${dataDir}/files` }) : S3Storage.layer(storage)))
