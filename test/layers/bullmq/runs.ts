import { type Duration, Effect } from "effect"
import type { Verdict } from "../../../src/domain/Verdict.ts"
import type { JobAttempt } from "../../../src/services/JobQueue.ts"
import { done } from "./workbench.ts"

/** One run of a job, in the order in which they began. Milliseconds since the epoch. */
export interface Run {
  readonly tenant: string
  readonly name: string
  readonly jobId: string
  readonly number: number
  readonly at: number
}

const tenantIn = ({ data }: JobAttempt): string =>
  typeof data === "object" && data !== null && "tenantId" in data ? String(data.tenantId) : "nobody"

/** A handler that takes its time and keeps what it saw; the most runs of a tenant at once, too. */
export const recorder = (length: Duration.Input = "60 millis", verdictOf: (run: Run) => Verdict = () => done) => {
  const runs: Array<Run> = []
  const now = new Map<string, number>()
  const most = new Map<string, number>()
  const handle = (attempt: JobAttempt): Effect.Effect<Verdict> =>
    Effect.suspend(() => {
      const tenant = tenantIn(attempt)
      const run = { tenant, name: attempt.jobName, jobId: attempt.jobId, number: attempt.number, at: Date.now() }
      runs.push(run)
      now.set(tenant, (now.get(tenant) ?? 0) + 1)
      most.set(tenant, Math.max(most.get(tenant) ?? 0, now.get(tenant) ?? 0))
      return Effect.sleep(length).pipe(
        Effect.ensuring(Effect.sync(() => void now.set(tenant, (now.get(tenant) ?? 0) - 1))),
        Effect.as(verdictOf(run))
      )
    })
  return {
    runs,
    handle,
    /** How many of a tenant's runs went on at once, at most. */
    mostOf: (tenant: string) => most.get(tenant) ?? 0,
    namesOf: (tenant: string) => runs.filter((run) => run.tenant === tenant).map(({ name }) => name),
    count: Effect.sync(() => runs.length)
  }
}

/** So many jobs of a tenant, named by their number. */
export const jobsOf = (tenantId: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({ name: `${tenantId}${index}`, data: { invoiceId: `${index}`, tenantId } }))
