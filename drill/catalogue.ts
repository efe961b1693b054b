import type { Backend } from "../chaos/load/Producer.ts"
import type { Planned } from "../chaos/scenarios/catalogue.ts"
import type { Scenario } from "../chaos/scenarios/Scenario.ts"
import { clocksApart } from "./clocksApart.ts"
import { diskFull, passingFaults } from "./faults.ts"
import { mixedReleases } from "./mixedReleases.ts"
import { restoreDrills } from "./restore.ts"

/** Drills that share their servers, one after the other. */
export interface Group {
  readonly smallDisk: boolean
  readonly scenarios: ReadonlyArray<Scenario>
}

const groups: ReadonlyArray<Group> = [
  { smallDisk: false, scenarios: [...passingFaults, clocksApart, mixedReleases, ...restoreDrills] },
  { smallDisk: true, scenarios: [diskFull] }
]

export interface PlannedGroup extends Pick<Group, "smallDisk"> {
  readonly planned: ReadonlyArray<Planned>
}

/** A pattern looks in "name, backend". */
export const plan = (only: string | null, backend: Backend | null): ReadonlyArray<PlannedGroup> => {
  const pattern = only === null ? null : new RegExp(only, "i")
  return groups.map(({ scenarios, smallDisk }) => ({
    smallDisk,
    planned: scenarios.flatMap((scenario) =>
      scenario.backends.flatMap((on) =>
        (backend === null || backend === on) && (pattern === null || pattern.test(`${scenario.name}, ${on}`)) ? [{ scenario, backend: on }] : []))
  })).filter(({ planned }) => planned.length > 0)
}
