import { Data, Predicate, Result, Schema } from "effect"
import { describeSchemaError } from "../describeSchemaError.ts"
import { CatchUp, CronText, TimeZoneName } from "../ScheduleSpec.ts"
import { Action, CloseOpenEntry, CopyLastWeek, CreateEntry, EmitEvent, RemindDraft, RemindInvoices, RemindMissing, RemindOpen, SubmitPending } from "./Action.ts"
import { Conditions } from "./Condition.ts"

/** More is somebody's program gone wrong. */
export const mostAutomations = 50

export const AutomationId = Schema.String.check(
  Schema.isPattern(/^[^\s/#\p{Cc}][^\s/\p{Cc}]{0,99}$/u, { expected: "an id of 1 to 100 characters without spaces and slashes" })
).pipe(Schema.brand("AutomationId"))
export type AutomationId = typeof AutomationId.Type

/** Nobody's work is planned by the second. */
const MinuteCron = CronText.check(
  Schema.makeFilter((text: string) => text.trim().split(/\s+/).length === 5 ? undefined : "expected five fields: minute, hour, day, month, weekday")
)

const AutomationSchedule = Schema.Struct({
  cron: MinuteCron,
  timeZone: TimeZoneName,
  /** `run-once` where it is left out. */
  catchUp: Schema.optionalKey(CatchUp)
})

/** This worker's version of the format. A later one may mean something else: what says so is not run. */
export const formatVersion = 1

/** One automation as `tenant_users.automations` lists them. Fields that are not known here are left as they are. */
export const Automation = Schema.Struct({
  version: Schema.optionalKey(Schema.Literal(formatVersion)),
  id: AutomationId,
  name: Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(200)),
  /** On where it is left out. */
  enabled: Schema.optionalKey(Schema.Boolean),
  schedule: AutomationSchedule,
  /** Nothing given: always. */
  when: Schema.optionalKey(Conditions),
  do: Action
}).annotate({ identifier: "Automation", description: "One automation as tenant_users.automations lists them. Further fields are left as they are." })
export type Automation = typeof Automation.Type

const actions = {
  "create-entry": CreateEntry,
  "close-open-entry": CloseOpenEntry,
  "copy-last-week": CopyLastWeek,
  "submit-pending": SubmitPending,
  "emit-event": EmitEvent
} as const
const reminders = {
  "entry.missing": RemindMissing,
  "entry.open": RemindOpen,
  "entry.draft": RemindDraft,
  "invoice.review-pending": RemindInvoices
} as const

const keyOf = <K extends string>(record: Readonly<Record<K, unknown>>, key: unknown): key is K => typeof key === "string" && Object.hasOwn(record, key)

const Head = Schema.Struct({ ...Automation.fields, do: Schema.Unknown })
const decodeHead = Schema.decodeUnknownResult(Head, { errors: "all" })

/** The action is looked at by its own schema, so that what is wrong is told about that one and not about all of them. */
const actionSchema = (action: unknown): Result.Result<Schema.Codec<Action, unknown>, string> => {
  if (!Predicate.isObject(action)) return Result.fail("do: expected an action, an object with a type")
  const type = "type" in action ? action.type : undefined
  if (keyOf(actions, type)) return Result.succeed(actions[type])
  if (type !== "remind") return Result.fail(`do.type: expected one of ${[...Object.keys(actions), "remind"].join(", ")}`)
  const event = "event" in action ? action.event : undefined
  return keyOf(reminders, event) ? Result.succeed(reminders[event]) : Result.fail(`do.event: expected one of ${Object.keys(reminders).join(", ")}`)
}

const decodeAction = (action: unknown): Result.Result<Action, string> =>
  Result.flatMap(actionSchema(action), (schema) =>
    Result.mapError(Schema.decodeUnknownResult(schema, { errors: "all" })(action), (error) => describeSchemaError(error).split("; ").map((fault) => `do.${fault}`).join("; ")))

/** How one element of the list reads. `place` names it where its id cannot: `#1` is the first. */
export type ReadAutomation = Data.TaggedEnum<{
  Good: { readonly id: AutomationId; readonly name: string; readonly automation: Automation }
  /** One of ours, but wrong: it alone does not run. */
  Bad: { readonly id: string; readonly name: string; readonly reason: string }
  /** Not ours, whatever it is: left untouched. */
  NotTakenOver: { readonly id: string; readonly name: string; readonly reason: string }
}>
export const ReadAutomation = Data.taggedEnum<ReadAutomation>()

const textOf = (value: unknown): string => typeof value === "string" ? value.slice(0, 200) : ""

const readOne = (value: unknown, index: number): ReadAutomation => {
  const place = `#${index + 1}`
  const ours = Predicate.isObject(value) && "id" in value && typeof value.id === "string" && "schedule" in value && "do" in value
  if (!ours) {
    const name = Predicate.isObject(value) && "name" in value ? textOf(value.name) : ""
    return ReadAutomation.NotTakenOver({ id: place, name, reason: "not taken over: not an automation of this worker's (id, schedule, do are missing)" })
  }
  const name = "name" in value ? textOf(value.name) : ""
  const id = Schema.is(AutomationId)(value.id) ? value.id : place
  const version = "version" in value ? value.version : formatVersion
  if (version !== formatVersion) return ReadAutomation.NotTakenOver({ id, name, reason: `not taken over: format version ${JSON.stringify(version)?.slice(0, 40)}; this worker knows version ${formatVersion}` })
  const head = decodeHead(value)
  const action = decodeAction(value.do)
  if (Result.isSuccess(head) && Result.isSuccess(action)) {
    const automation: Automation = { ...head.success, do: action.success }
    return ReadAutomation.Good({ id: automation.id, name: automation.name, automation })
  }
  const reasons = [
    ...(Result.isFailure(head) ? [describeSchemaError(head.failure)] : []),
    ...(Result.isFailure(action) ? [action.failure] : [])
  ]
  return ReadAutomation.Bad({ id, name, reason: reasons.join("; ") })
}

/**
 * Reads what `tenant_users.automations` holds, element by element: a bad one disables only itself. Ids of what is
 * returned are unique.
 */
export const readAutomations = (value: unknown): ReadonlyArray<ReadAutomation> => {
  if (value === null || value === undefined) return []
  if (!Array.isArray(value)) return [ReadAutomation.NotTakenOver({ id: "#0", name: "", reason: "not taken over: expected a list of automations" })]
  const list: ReadonlyArray<unknown> = value
  const seen = new Set<string>()
  const read = list.slice(0, mostAutomations).map((element, index) => {
    const one = readOne(element, index)
    if (!seen.has(one.id)) {
      seen.add(one.id)
      return one
    }
    return ReadAutomation.Bad({ id: `#${index + 1}`, name: one.name, reason: `id: expected one that no other automation of this user has, found ${one.id} again` })
  })
  return list.length <= mostAutomations
    ? read
    : [...read, ReadAutomation.Bad({ id: "#more", name: "", reason: `expected at most ${mostAutomations} automations; the ${list.length - mostAutomations} after those are not run` })]
}

/** Whose the schedules of automations are (`ScheduleRegistration.kind`). */
export const automationKind = "automation"

/** The key of an automation's schedule: one for each automation of each user. */
export const scheduleKey = (tenantId: string, tenantUserId: string, automationId: string): string => `${tenantId}/${tenantUserId}/${automationId}`
