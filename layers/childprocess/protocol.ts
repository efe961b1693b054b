import { Schema } from "effect"

/**
 * What a child says. `Ready` once, when its modules are loaded; then for each request any number of `Part`s and one
 * `Done` (with its resident memory in bytes) or `Threw` (the class of an error that nobody caught: never its message,
 * which may quote the file).
 */
export const messageOf = <Part>(part: Schema.Codec<Part, unknown>) =>
  Schema.Union([
    Schema.Struct({ _tag: Schema.Literal("Ready") }),
    Schema.Struct({ _tag: Schema.Literal("Part"), id: Schema.Int, part }),
    Schema.Struct({ _tag: Schema.Literal("Done"), id: Schema.Int, memory: Schema.Int }),
    Schema.Struct({ _tag: Schema.Literal("Threw"), id: Schema.Int, error: Schema.String })
  ])
