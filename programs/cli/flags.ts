import * as Flag from "effect/cli/Flag"

/** Tables and sentences are for people. */
export const json = Flag.Boolean("json").pipe(Flag.withDescription("JSON for scripts"), Flag.withDefault(false))

/** For the record of who did what. */
export const by = Flag.String("by").pipe(Flag.withDescription("Who wants it, for the record"), Flag.withDefault("command line"))
