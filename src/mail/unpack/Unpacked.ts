import type { SkipReason } from "../SkipReason.ts"

/** A file found in a container; its bytes are read only when asked for. */
export interface UnpackedFile {
  /** As the container says it: not safe yet. */
  readonly name: string
  /** Shown by the text that lies beside it in the container. */
  readonly isPartOfText?: boolean
  readonly read: (budget: UnpackBudget) => Uint8Array | SkipReason
}

export type Unpacked = ReadonlyArray<UnpackedFile> | SkipReason

/** What all containers of one part may still come to. */
export class UnpackBudget {
  private bytes: number
  private files: number

  constructor(bytes: number, files: number) {
    this.bytes = bytes
    this.files = files
  }

  /** Bytes that may still be unpacked. */
  get room(): number {
    return this.bytes
  }

  /** Counts `bytes` that were unpacked. */
  spend(bytes: number): void {
    this.bytes = Math.max(0, this.bytes - bytes)
  }

  /** Whether one more file may be taken; counts it. */
  takeFile(): boolean {
    if (this.files === 0) return false
    this.files--
    return true
  }
}
