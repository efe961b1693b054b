import { Console, Data, Effect, Option } from "effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { QUEUE_NAMES, type QueueName } from "../../src/contract/index.ts"
import { ControlCommand, QueueControls } from "../../src/services/QueueControls.ts"
import { by, json } from "./flags.ts"

const queue = Argument.Literals("queue", Object.values(QUEUE_NAMES)).pipe(Argument.withDescription("The queue\'s name"))
const tenant = Flag.String("tenant").pipe(Flag.withDescription("Only this tenant\'s jobs"), Flag.optional)

interface Asking {
  readonly by: string
  readonly json: boolean
}

const change = (command: ControlCommand, { by, json }: Asking, done: string) =>
  Effect.gen(function*() {
    const controls = yield* QueueControls
    yield* controls.change(command, by)
    const { _tag: action, ...what } = command
    yield* Console.log(json ? JSON.stringify({ action, ...what, by }) : `${done}; every process does so within two seconds`)
  })

/** A pause is of a queue, of a tenant, or of a tenant in a queue. */
export class NothingNamed extends Data.TaggedError("NothingNamed") {
  override get message(): string {
    return "say which queue, or with --tenant which tenant"
  }
}

interface Words {
  readonly done: string
  readonly whole: (queue: QueueName) => ControlCommand
  readonly ofTenant: (tenantId: string, queue: QueueName | null) => ControlCommand
}

const changeChosen = ({ done, ofTenant, whole }: Words) =>
  Effect.fnUntraced(function*(chosen: { readonly queue: Option.Option<QueueName>; readonly tenant: Option.Option<string> } & Asking) {
    const [queue, tenant] = [Option.getOrNull(chosen.queue), Option.getOrNull(chosen.tenant)]
    if (tenant !== null) return yield* change(ofTenant(tenant, queue), chosen, `${queue ?? "every queue"} for tenant ${tenant} ${done}`)
    if (queue === null) return yield* new NothingNamed()
    return yield* change(whole(queue), chosen, `${queue} ${done}`)
  })

/** `pause [QUEUE] [--tenant T]`: running jobs end, no job is started; kept over restarts. */
export const pause = Command.make("pause", { queue: Argument.optional(queue), tenant, by, json }, changeChosen({
  done: "is paused",
  whole: (queue) => ControlCommand.Pause({ queue }),
  ofTenant: (tenantId, queue) => ControlCommand.PauseTenant({ tenantId, queue })
})).pipe(Command.withDescription("Start no more jobs of a queue, of a tenant, or of a tenant in a queue, until it is resumed"))

/** `drain QUEUE`: the same for a whole queue, for as long as it takes: no job is started, running ones end; kept over restarts. */
export const drain = Command.make("drain", { queue, by, json }, ({ queue, ...asking }) => change(ControlCommand.Drain({ queue }), asking, `${queue} is drained: nothing new is started, what runs ends`)).pipe(
  Command.withDescription("Let a queue's running jobs end and start no more, until it is resumed")
)

/** `resume [QUEUE] [--tenant T]`: ends a pause and a drain. */
export const resume = Command.make("resume", { queue: Argument.optional(queue), tenant, by, json }, changeChosen({
  done: "is resumed",
  whole: (queue) => ControlCommand.Resume({ queue }),
  ofTenant: (tenantId, queue) => ControlCommand.ResumeTenant({ tenantId, queue })
})).pipe(Command.withDescription("Start the jobs of a paused or drained queue, or of a paused tenant, again"))

const jobs = Argument.Int("jobs").pipe(Argument.withDescription("Jobs at once in each process; left out: as the environment says"), Argument.optional)

/** `concurrency QUEUE [JOBS]`. */
export const concurrency = Command.make("concurrency", { queue, jobs, by, json }, ({ jobs, queue, ...asking }) =>
  Option.match(jobs, {
    onNone: () => change(ControlCommand.SetConcurrency({ queue, concurrency: null }), asking, `${queue} runs as many jobs at once as the environment says`),
    onSome: (count) => change(ControlCommand.SetConcurrency({ queue, concurrency: Math.max(0, count) }), asking, `${queue} runs ${Math.max(0, count)} jobs at once in each process`)
  })
).pipe(Command.withDescription("Change how many jobs of a queue run at once, in every process"))
