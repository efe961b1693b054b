import { Layer } from "effect"
import type { Settings } from "../../../src/config/Settings.ts"
import { Dependencies, type Dependency } from "../../../src/services/Dependencies.ts"
import { servicesOf } from "../describeSettings.ts"

/** A look at each, by the names that the start shows them under. */
export type Looks = Readonly<Record<"database" | "queue" | "storage" | "text recognition" | "field extraction" | "traces", Dependency["look"]>>

/** The dependencies of these settings. */
export const dependencies = (settings: Settings, looks: Looks): Layer.Layer<Dependencies> => {
  const all: Readonly<Record<string, Dependency["look"] | undefined>> = looks
  return Layer.succeed(
    Dependencies,
    servicesOf(settings).flatMap(([name, where, variables]) => {
      const look = all[name]
      // Nobody stands on a collector that is not set.
      const isOff = name === "traces" && settings.telemetry.endpoint === null
      return look === undefined || isOff ? [] : [{ name, where, variables, look }]
    })
  )
}
