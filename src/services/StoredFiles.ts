import { Context, type Effect } from "effect"
import type { StorageKey } from "../domain/ids.ts"
import type { StorageError } from "./ObjectStorage.ts"

/** What is in the storage. Apart from `ObjectStorage`, since no program needs it: only an operator looks, after a restore. */
export class StoredFiles extends Context.Service<StoredFiles, {
  /** At most so many keys, in no particular order; `more` where there are others. */
  readonly list: (most: number) => Effect.Effect<{ readonly keys: ReadonlyArray<StorageKey>; readonly more: boolean }, StorageError>
}>()("tt-worker/services/StoredFiles") {}
