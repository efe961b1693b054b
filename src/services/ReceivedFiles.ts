import { Context, Data, type Effect } from "effect"
import type { Failure } from "../domain/Failure.ts"
import type { StorageKey, TenantId } from "../domain/ids.ts"
import { databasePause, Retry } from "../domain/Retry.ts"

export interface FilePrint {
  /** Hexadecimal. */
  readonly sha256: string
  readonly bytes: number
}

/** What the originals were when they came in. A key's record is written once and never changed. */
export class ReceivedFiles extends Context.Service<ReceivedFiles, {
  /** Records what was received under this key, or compares it with what is recorded; fails with `changed` when it is another file. */
  readonly check: (tenantId: TenantId, key: StorageKey, print: FilePrint) => Effect.Effect<void, ReceivedFilesError>
}>()("tt-worker/services/ReceivedFiles") {}

export class ReceivedFilesError
  extends Data.TaggedError("ReceivedFilesError")<{ readonly key: string; readonly reason: "changed" | "unavailable" | "misfit"; readonly detail: string; readonly cause?: unknown }>
  implements Failure
{
  override get message(): string {
    return `original "${this.key}": ${this.detail}`
  }
  get code(): string {
    return this.reason === "changed" ? "file-changed" : this.reason === "misfit" ? "database-misfit" : "database-unavailable"
  }
  get retry(): Retry {
    return this.reason === "unavailable" ? Retry.RateLimited({ after: databasePause }) : Retry.Permanent()
  }
  get plainWords(): string {
    return this.reason === "changed"
      ? "The stored file is no longer the one that was received: it was replaced or changed afterwards. Please upload the invoice again as a new one."
      : "The invoice could not be checked because of a fault on our side. Please have it processed again later."
  }
}
