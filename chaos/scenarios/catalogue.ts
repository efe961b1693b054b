import type { Backend } from "../load/Producer.ts"
import { fairness } from "./fairness.ts"
import { faultAtEveryBoundary } from "./faultAtEveryBoundary.ts"
import { poisonScenarios } from "./poison.ts"
import { processFaults } from "./processFaults.ts"
import type { Scenario } from "./Scenario.ts"
import { serverFaults } from "./serverFaults.ts"
import { staleHolder } from "./staleHolder.ts"

export interface Planned {
  readonly scenario: Scenario
  readonly backend: Backend
}

const scenarios: ReadonlyArray<Scenario> = [...processFaults.map(faultAtEveryBoundary), ...serverFaults.map(faultAtEveryBoundary), ...poisonScenarios, staleHolder, fairness]

export interface Choice {
  readonly ci: boolean
  readonly only: string | null
  readonly backend: Backend | null
}

/** What is to be run, in the order of the report. A pattern looks in "name, backend". */
export const plan = ({ backend, ci, only }: Choice): ReadonlyArray<Planned> => {
  const pattern = only === null ? null : new RegExp(only, "i")
  return scenarios.flatMap((scenario) =>
    (ci ? scenario.ci ?? [] : scenario.backends).flatMap((on) =>
      (backend === null || backend === on) && (pattern === null || pattern.test(`${scenario.name}, ${on}`)) ? [{ scenario, backend: on }] : []))
}
