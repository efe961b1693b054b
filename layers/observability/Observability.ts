import { Layer } from "effect"
import type { ReadingSettings } from "../../src/config/Settings.ts"
import { RunningWork } from "../../src/services/RunningWork.ts"
import * as Logging from "./Logging.ts"
import * as Telemetry from "./Telemetry.ts"

/** Logs on standard error, traces and metrics by OTLP where an endpoint is set. */
export const layer = (settings: ReadingSettings): Layer.Layer<RunningWork> =>
  // What telemetry adds to the loggers comes on top of ours.
  Telemetry.layer(settings.telemetry).pipe(
    Layer.provideMerge(Logging.layer({ level: settings.logLevel, format: settings.logFormat })),
    Layer.provideMerge(RunningWork.layer)
  )

/** A command's own output is what the person wants to see: its log begins at `level`, unless debugging was asked for. */
export const quietLayer = (settings: ReadingSettings, level: "warning" | "error"): Layer.Layer<RunningWork> =>
  layer({ ...settings, logLevel: settings.logLevel === "debug" ? "debug" : level })
