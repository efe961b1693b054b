import { Effect } from "effect"
import type { StorageKey } from "../../src/domain/ids.ts"
import { StorageError, StorageReason } from "../../src/services/ObjectStorage.ts"

/**
 * Whether a key stays where it belongs in a URL and in a folder: no `.` or `..` segment (URL parsers resolve them,
 * so a signed path would lead elsewhere), no NUL, and no half of a character, which a URL cannot carry.
 */
export const staysInside = (key: StorageKey): boolean =>
  !key.includes("\0") && key.isWellFormed() && !key.split("/").some((segment) => segment === "." || segment === "..")

/** Fails with `NotFound` where the key leaves its folder or bucket: nothing can be there. */
export const checkKey = (key: StorageKey): Effect.Effect<void, StorageError> =>
  staysInside(key)
    ? Effect.void
    : Effect.fail(new StorageError({ key, reason: StorageReason.NotFound(), detail: "the key leaves the storage, so nothing is stored under it" }))

/** The key as the path of a URL, segment by segment. */
export const toUrlPath = (key: StorageKey): string => key.split("/").map(encodeURIComponent).join("/")
