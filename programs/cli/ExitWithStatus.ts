import { Data } from "effect"

/** The command has said all there is to say; only the exit status is left. */
export class ExitWithStatus extends Data.TaggedError("ExitWithStatus")<{ readonly status: number }> {}
