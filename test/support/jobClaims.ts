import { Effect, Layer } from "effect"
import { JobClaims } from "../../src/services/JobClaims.ts"

/** Of a process in which nobody dies; who has lost a job that begins is noted. */
export const claimsOf = (holder: string, begun: Array<{ readonly jobId: string; readonly lostBy: string | null }> = []) =>
  Layer.succeed(JobClaims, {
    holder,
    recorded: () => Effect.succeed(new Set<string>()),
    begin: ({ jobId }, lostBy) =>
      Effect.sync(() => {
        begun.push({ jobId, lostBy })
        return { deaths: 0, deathsAlone: 0 }
      }),
    runsAlone: () => Effect.void,
    end: () => Effect.void,
    putBack: () => Effect.void
  })

export const carefreeClaims = claimsOf("a-process")
