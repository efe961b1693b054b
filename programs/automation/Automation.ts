import { DateTime, Duration, Effect, Option, Schema } from "effect"
import { type AutomationJobData, QUEUE_NAMES } from "../../src/contract/index.ts"
import { AutomationJob } from "../../src/contract/jobSchemas.ts"
import { type Automation as AutomationConfig, AutomationId, type ReadAutomation, readAutomations } from "../../src/domain/automation/Automation.ts"
import type { Failure } from "../../src/domain/Failure.ts"
import type { Features } from "../../src/domain/Features.ts"
import { TenantId } from "../../src/domain/ids.ts"
import { decideDue } from "../../src/domain/ScheduleCatchUp.ts"
import { ScheduledRun } from "../../src/domain/ScheduledRun.ts"
import { attributes } from "../../src/observability/attributes.ts"
import type { AutomationError } from "../../src/services/AutomationError.ts"
import { AutomationRuns, type AutomationUser, type HeldRun } from "../../src/services/AutomationRuns.ts"
import type { Events, EventsError } from "../../src/services/Events.ts"
import type { Holidays } from "../../src/services/Holidays.ts"
import type { JobAttempt } from "../../src/services/JobQueue.ts"
import { RunOutcome, Schedules, type SchedulesError } from "../../src/services/Schedules.ts"
import { Tenants, type TenantsError } from "../../src/services/Tenants.ts"
import type { TimeSheets } from "../../src/services/TimeSheets.ts"
import { type FailureRecord, Opening, type Program } from "../../src/supervisor/Program.ts"
import { type RunEnd, runOnce } from "./runOnce.ts"

export type AutomationFailure = TenantsError | SchedulesError | AutomationError | EventsError
export type AutomationServices = Tenants | Schedules | AutomationRuns | TimeSheets | Holidays | Events

/** A run reads and writes some rows; a job of many due ones has at most a few hundred. */
const timeLimit = Duration.minutes(1)
/** Another job may take a run when its holder has been silent for so long. */
const lease = Duration.sum(timeLimit, Duration.seconds(30))
const busyPause = Duration.seconds(5)
const maxAge = Duration.hours(24)

/** The job's data with the run that a schedule made it for. */
interface Data extends AutomationJobData {
  readonly scheduled?: ScheduledRun
}
const schema = Schema.Struct({ ...AutomationJob.fields, scheduled: Schema.optionalKey(ScheduledRun) })

/** What a job works on: a user, and which of the automations. */
interface HeldJob {
  readonly tenantId: TenantId
  readonly tenantUserId: string
  readonly user: AutomationUser
  readonly features: Features
  readonly jobId: string
  /** When the job was added: what a run is known by that somebody asked for. */
  readonly askedAt: DateTime.Utc
  /** null: whatever is due. */
  readonly automation: AutomationId | null
  /** The scheduled run that this job holds. */
  readonly held: HeldRun | null
}

type Good = Extract<ReadAutomation, { _tag: "Good" }>
const goodOnes = (user: AutomationUser): ReadonlyMap<string, AutomationConfig> =>
  new Map(readAutomations(user.automations).filter((read): read is Good => read._tag === "Good").map(({ automation, id }) => [id, automation]))

const open = Effect.fn("Automation.open")(function*(data: Data, { addedAt, jobId }: JobAttempt) {
  const tenantId = TenantId.make(data.tenantId)
  const { scheduled, tenantUserId } = data
  const schedules = yield* Schedules
  if (scheduled !== undefined) {
    const answer = yield* schedules.begin(tenantId, scheduled, jobId, lease)
    if (answer === "busy") return Opening.wait(busyPause, "another job is at this run")
    if (answer !== "begun") return Opening.skip(answer === "finished" ? "already-done" : "run-unknown: its record was tidied away long ago")
  }

  /** The run is over, though there was nothing to do. */
  const skip = Effect.fnUntraced(function*(reason: string) {
    if (scheduled !== undefined) yield* schedules.finish(tenantId, scheduled, jobId, RunOutcome.Done())
    return Opening.skip(reason)
  })

  const tenants = yield* Tenants
  const features = yield* tenants.features(tenantId)
  if (features === null) return yield* skip("tenant-gone: there is no such tenant")
  if (!features.automations) return yield* skip("feature-off: automations is switched off for this tenant")
  const runs = yield* AutomationRuns
  const user = yield* runs.user(tenantId, tenantUserId)
  if (user === null) return yield* skip("user-gone: this tenant has no such user")
  if (user.archived) return yield* skip("user-archived")

  const automation = data.automation ?? null
  if (automation !== null) {
    const found = goodOnes(user).get(automation)
    if (found === undefined) return yield* skip("automation-gone: the user has no automation of this id that can be run")
    if (found.enabled === false) return yield* skip("automation-disabled")
  }
  const held: HeldJob = {
    tenantId,
    tenantUserId,
    user,
    features,
    jobId,
    askedAt: DateTime.makeUnsafe(addedAt),
    automation: automation === null ? null : AutomationId.make(automation),
    held: scheduled === undefined ? null : { scheduled, holder: jobId }
  }
  return Opening.held(held)
})

const keyOf = ({ tenantId, tenantUserId }: HeldJob, automationId: AutomationId, { at, missed }: Pick<ScheduledRun, "at" | "missed">) =>
  ({ tenantId, tenantUserId, automationId, occurrence: at, missed })

const theOne = (job: HeldJob, automation: AutomationConfig) =>
  runOnce({ ...job, automation, key: keyOf(job, automation.id, job.held?.scheduled ?? { at: job.askedAt, missed: 0 }) })

/** What is due of the user's automations, whether or not the scheduler has made a job for it: oldest first. */
const whatIsDue = Effect.fnUntraced(function*(job: HeldJob) {
  const runs = yield* AutomationRuns
  const schedules = yield* Schedules
  const automations = goodOnes(job.user)
  const due = yield* runs.due(job.tenantId, job.tenantUserId)
  const ends: Array<RunEnd> = []
  const enabled = (id: string) => Option.filter(Option.fromUndefinedOr(automations.get(id)), (automation) => automation.enabled !== false)

  for (const { automationId, scheduled } of due.runs) {
    const found = enabled(automationId)
    if (Option.isNone(found)) continue
    const held = { scheduled, holder: job.jobId }
    if ((yield* schedules.begin(job.tenantId, scheduled, job.jobId, lease)) !== "begun") continue
    ends.push(yield* runOnce({ ...job, automation: found.value, key: keyOf(job, found.value.id, scheduled), held }))
  }
  for (const schedule of due.schedules) {
    const found = enabled(schedule.automationId)
    if (Option.isNone(found)) continue
    for (const run of decideDue(schedule, due.now).runs) {
      ends.push(yield* runOnce({ ...job, automation: found.value, key: keyOf(job, found.value.id, run), held: null }))
    }
  }
  return ends
})

const work = Effect.fn("Automation.work")(function*(job: HeldJob) {
  if (job.automation === null) {
    const ends = yield* whatIsDue(job)
    const count = (of: RunEnd["outcome"]) => ends.filter(({ outcome }) => outcome === of).length
    return { runs: ends.length, done: count("done"), nothing: count("nothing"), off: count("off"), failed: count("failed") }
  }
  const automation = goodOnes(job.user).get(job.automation)
  if (automation === undefined) return { outcome: "gone" }
  const { entries, events, note, outcome } = yield* theOne(job, automation)
  return { outcome, entries, events, ...(note === null ? {} : { note }) }
})

/**
 * `automation`: a run that a schedule has made, one that somebody asked for by name, or whatever is due of a user's
 * automations. Each run happens once, together with all that it does.
 */
export const Automation: Program<Data, HeldJob, AutomationFailure, AutomationServices> = {
  queue: QUEUE_NAMES.AUTOMATION,
  schema,
  timeLimit,
  maxAge,
  identify: ({ automation, tenantId, tenantUserId }: Data) => ({
    [attributes.tenantId]: tenantId,
    [attributes.tenantUserId]: tenantUserId,
    ...(automation === undefined ? {} : { [attributes.automationId]: automation })
  }),
  open,
  refuse: Effect.fn("Automation.refuse")(function*({ automation, scheduled, tenantId: tenant, tenantUserId }: Data, { jobId }: JobAttempt, failure: Failure) {
    if (scheduled === undefined || automation === undefined || !Schema.is(AutomationId)(automation)) return
    const tenantId = TenantId.make(tenant)
    const schedules = yield* Schedules
    if ((yield* schedules.begin(tenantId, scheduled, jobId, lease)) !== "begun") return
    const runs = yield* AutomationRuns
    const key = { tenantId, tenantUserId, automationId: automation, occurrence: scheduled.at, missed: scheduled.missed }
    yield* runs.fail(key, { jobId, held: { scheduled, holder: jobId } }, failure.plainWords, false)
  }),
  work,
  giveUp: Effect.fn("Automation.giveUp")(function*(job: HeldJob, record: FailureRecord) {
    const runs = yield* AutomationRuns
    // What was due stays so: each of its runs is a job of its own as well.
    if (job.automation === null) return
    const key = keyOf(job, job.automation, job.held?.scheduled ?? { at: job.askedAt, missed: 0 })
    yield* runs.fail(key, { jobId: job.jobId, held: job.held }, record.plainWords, false)
  }),
  // The lease is this job's own until the next attempt, which begins the run again; nothing is half done.
  noteRetry: () => Effect.void,
  release: () => Effect.void
}
