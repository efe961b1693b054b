import { Effect, Option, Schema } from "effect"
import type { QueueName } from "../contract/index.ts"
import { jobSchemas } from "../contract/jobSchemas.ts"
import { TenantId } from "../domain/ids.ts"
import { ScheduleSpec } from "../domain/ScheduleSpec.ts"
import { type LegacyRepeat, OldQueues } from "../services/OldQueues.ts"
import { ControlCommand, QueueControls } from "../services/QueueControls.ts"
import { type ScheduleRegistration, Schedules, ScheduleTarget } from "../services/Schedules.ts"

/** What is done, or would be, about one thing that an older BullMQ has left. */
export interface Step {
  readonly queue: QueueName
  readonly what: string
  readonly outcome: string
}

const movedIn = "moved-in"

const decodeSpec = Schema.decodeUnknownOption(ScheduleSpec)
const Row = Schema.Record(Schema.String, Schema.Unknown)
const decodeRow = Schema.decodeUnknownOption(Row)
const decodeTenant = Schema.decodeUnknownOption(Schema.Struct({ tenantId: TenantId }))

/** A schedule of ours that does what the repeatable job did, or the reason why there can be none. */
export const scheduleOf = (queue: QueueName, repeat: LegacyRepeat): ScheduleRegistration | string => {
  const data = Option.filter(decodeRow(repeat.data), Schema.is(jobSchemas[queue]))
  const tenant = Option.flatMap(data, decodeTenant)
  if (Option.isNone(data) || Option.isNone(tenant)) {
    return repeat.data === null ? "its data are lost: no tick with them is left" : "its data do not fit the queue"
  }
  const spec = decodeSpec(
    repeat.pattern === null
      ? { type: "interval", everySeconds: Math.max(1, Math.round((repeat.everyMillis ?? 0) / 1000)), spread: false }
      // BullMQ without a zone took its process's; containers run in UTC.
      : { type: "cron", cron: repeat.pattern, timeZone: repeat.timeZone ?? "UTC" }
  )
  if (Option.isNone(spec)) return "its times cannot be read"
  return {
    kind: movedIn,
    key: `${queue}/${repeat.key}`,
    tenantId: tenant.value.tenantId,
    target: ScheduleTarget.Job({ queue, data: data.value }),
    spec: spec.value,
    catchUp: "skip",
    enabled: true
  }
}

const Subject = Schema.Struct({ tenantUserId: Schema.optionalKey(Schema.String) })
const userOf = (data: Readonly<Record<string, unknown>>) => Option.getOrNull(Option.map(Schema.decodeUnknownOption(Subject)(data), ({ tenantUserId }) => tenantUserId ?? null))

/** Whether a schedule that the worker has made by itself, from the settings of tenant or user, does the same. */
const isScheduled = Effect.fnUntraced(function*({ target, tenantId }: ScheduleRegistration) {
  if (target._tag !== "Job") return false
  const all = yield* (yield* Schedules).list(tenantId)
  return all.some(({ enabled, kind, target: other }) =>
    enabled && kind !== movedIn && other._tag === "Job" && other.queue === target.queue && userOf(other.data) === userOf(target.data))
})

const times = ({ everyMillis, pattern, timeZone }: LegacyRepeat): string =>
  pattern === null ? `every ${(everyMillis ?? 0) / 1000} s` : `${pattern} ${timeZone ?? "UTC"}`

/**
 * Turns what an older BullMQ has left in a queue into the worker's own: its pause into a row of ours (the queue stays
 * paused until `resume`), repeatable jobs into schedules; those that the worker's own schedules make needless are removed. What cannot be turned is shown and left. With `apply` false it
 * only says so. Ours is made first, so that a command that was killed can be given again.
 */
export const migrateQueue = Effect.fn("Moving.migrateQueue")(function*(queue: QueueName, options: { readonly apply: boolean; readonly by: string }) {
  const old = yield* OldQueues
  const { paused, putAside, repeats } = yield* old.look(queue)
  const steps: Array<Step> = []
  if (paused || putAside > 0) {
    const what = `paused by BullMQ, ${putAside} jobs set aside`
    if (options.apply) {
      if (paused) yield* (yield* QueueControls).change(ControlCommand.Pause({ queue }), options.by)
      const moved = yield* old.takeOverPause(queue)
      steps.push({ queue, what, outcome: `${moved} jobs wait again${paused ? `; paused by the worker's own row, \`resume ${queue}\` starts it` : ""}` })
    } else steps.push({ queue, what, outcome: `would be taken over${paused ? ", and stay paused" : ""}` })
  }
  for (const repeat of repeats) {
    const what = `repeat ${repeat.name}: ${times(repeat)}`
    const schedule = scheduleOf(queue, repeat)
    if (typeof schedule === "string") steps.push({ queue, what, outcome: `left alone: ${schedule}` })
    else if (yield* isScheduled(schedule)) {
      if (options.apply) yield* old.removeRepeat(queue, repeat.key)
      steps.push({ queue, what, outcome: `${options.apply ? "removed" : "would be removed"}: the worker's own schedules do this already, by the tenant's settings` })
    } else if (options.apply) {
      yield* (yield* Schedules).register([schedule])
      yield* old.removeRepeat(queue, repeat.key)
      steps.push({ queue, what, outcome: `schedule ${schedule.kind}/${schedule.key}` })
    } else steps.push({ queue, what, outcome: "would become a schedule" })
  }
  return steps
})
