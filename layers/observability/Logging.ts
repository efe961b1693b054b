import { Layer, Logger, References } from "effect"
import { jsonLines } from "./jsonLines.ts"

const levels = { debug: "Debug", info: "Info", warning: "Warn", error: "Error" } as const

/** Lines on standard error, so that standard output carries only what a command was asked for. */
export const layer = (options: {
  readonly level: keyof typeof levels
  readonly format: "pretty" | "json"
}): Layer.Layer<never> =>
  Layer.mergeAll(
    Logger.layer([options.format === "json" ? Logger.withConsoleError(jsonLines) : Logger.consolePretty({ mode: "tty" })]),
    Layer.succeed(References.MinimumLogLevel, levels[options.level]),
    Layer.succeed(Logger.LogToStderr, true)
  )
