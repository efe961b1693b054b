import { Console, Data, DateTime, Effect, Option } from "effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { QUEUE_NAMES, type QueueName } from "../../src/contract/index.ts"
import { type InspectedJob, JobInspector } from "../../src/services/JobInspector.ts"
import { retryFailed } from "../../src/retrying/retryFailed.ts"
import { QueueControls } from "../../src/services/QueueControls.ts"
import { by, json } from "./flags.ts"
import { shorten, table } from "./table.ts"

const queue = Argument.Literals("queue", Object.values(QUEUE_NAMES)).pipe(Argument.withDescription("The queue's name"))
const most = Flag.Int("most").pipe(Flag.withDescription("At most so many, the newest"), Flag.withDefault(50))
const reveal = Flag.Boolean("reveal").pipe(Flag.withDescription("Show the data as they are, payload and address included; on record with who"), Flag.withDefault(false))

export class NoSuchJob extends Data.TaggedError("NoSuchJob")<{ readonly queue: QueueName; readonly jobId: string }> {
  override get message(): string {
    return `${this.queue} has no job ${this.jobId}`
  }
}

export class JobNotFailed extends Data.TaggedError("JobNotFailed")<{ readonly queue: QueueName; readonly jobId: string; readonly state: string }> {
  override get message(): string {
    return `${this.queue} job ${this.jobId} is ${this.state}: only a failed job is tried again; nothing was changed`
  }
}

const time = (millis: number | null): string => millis === null ? "" : DateTime.formatIso(DateTime.makeUnsafe(millis)).replace(/\.\d+Z$/, "Z")

const tenantOf = ({ data }: InspectedJob): string =>
  typeof data === "object" && data !== null && "tenantId" in data && typeof data.tenantId === "string" ? data.tenantId : ""

/** `jobs failed QUEUE`. */
const failed = Command.make("failed", { queue, most, json }, Effect.fnUntraced(function*({ json, most, queue }) {
  const inspector = yield* JobInspector
  const jobs = yield* inspector.failed(queue, Math.max(1, most))
  if (json) return yield* Console.log(JSON.stringify(jobs))
  if (jobs.length === 0) return yield* Console.log(`no job of ${queue} is in the failed list`)
  const rows = jobs.map((job) => [job.id, time(job.finishedAt), tenantOf(job), String(job.attempts), shorten(job.reason ?? "", 90)])
  yield* Console.log(table([["job", "failed at", "tenant", "attempts", "reason"], ...rows]))
})).pipe(Command.withDescription("The failed jobs of a queue, with reasons"))

/** `jobs show QUEUE ID`. */
const show = Command.make("show", { queue, id: Argument.String("id").pipe(Argument.withDescription("The job's id")), reveal, by, json }, Effect.fnUntraced(function*({ by, id, json, queue, reveal }) {
  const inspector = yield* JobInspector
  const found = yield* inspector.show(queue, id, { reveal })
  if (Option.isNone(found)) return yield* new NoSuchJob({ queue, jobId: id })
  if (reveal) yield* QueueControls.use((controls) => controls.note({ by, action: "RevealJob", queue, tenantId: null, value: id }))
  const job = found.value
  if (json) return yield* Console.log(JSON.stringify(job))
  yield* Console.log(table([
    [`${queue} job`, job.id],
    ["name", job.name],
    ["state", job.state],
    ["added", time(job.addedAt)],
    ["finished", time(job.finishedAt)],
    ["attempts", String(job.attempts)],
    ["reason", job.reason ?? ""],
    ["result", job.result === null ? "" : JSON.stringify(job.result)],
    ["trace", job.traceId ?? ""],
    ["data", JSON.stringify(job.data)]
  ]))
})).pipe(Command.withDescription("One job: state, data (payloads, addresses and secrets masked), reason and trace"))

const optionalId = Argument.String("id").pipe(Argument.withDescription("The job's id; left out: all that have failed"), Argument.optional)

/** `jobs retry QUEUE [ID]`: on record with who. */
const retry = Command.make("retry", { queue, id: optionalId, by, json }, Effect.fnUntraced(function*(asked) {
  const { by, json, queue } = asked
  const id = Option.getOrNull(asked.id)
  const answer = yield* retryFailed(queue, id, by)
  if (answer._tag === "NotFound") return yield* new NoSuchJob({ queue, jobId: id ?? "" })
  if (answer._tag === "NotFailed") return yield* new JobNotFailed({ queue, jobId: id ?? "", state: answer.state })
  yield* Console.log(json ? JSON.stringify({ queue, retried: answer.jobs }) : `${answer.jobs} failed ${answer.jobs === 1 ? "job" : "jobs"} of ${queue} put back in line`)
})).pipe(Command.withDescription("Have a failed job, or all of a queue, tried again with all their attempts"))

/** `jobs failed|show|retry QUEUE [ID]`. */
export const jobs = Command.make("jobs").pipe(
  Command.withDescription("Look at jobs and have failed ones tried again"),
  Command.withSubcommands([failed, show, retry]),
  Command.withExamples([{ command: "tt-worker jobs retry invoice-processing --by marie", description: "After an outage: try all again that failed in it" }])
)
