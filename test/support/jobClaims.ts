import { Effect, Layer } from "effect"
import { JobClaims } from "../../src/services/JobClaims.ts"

/** Nobody dies here. */
export const carefreeClaims = Layer.succeed(JobClaims, {
  holder: "a-process",
  recorded: () => Effect.succeed(new Set<string>()),
  begin: () => Effect.succeed({ deaths: 0, deathsAlone: 0 }),
  runsAlone: () => Effect.void,
  end: () => Effect.void,
  putBack: () => Effect.void
})
