import { Console, Effect, Option } from "effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { QUEUE_NAMES } from "../../src/contract/index.ts"
import { ControlCommand, QueueControls } from "../../src/services/QueueControls.ts"

const queue = Argument.Literals("queue", Object.values(QUEUE_NAMES)).pipe(Argument.withDescription("The queue\'s name"))
const tenant = Flag.String("tenant").pipe(Flag.withDescription("Only this tenant\'s jobs"), Flag.optional)
const by = Flag.String("by").pipe(Flag.withDescription("Who wants it, for the record"), Flag.withDefault("command line"))

const change = (command: ControlCommand, who: string, done: string) =>
  Effect.gen(function*() {
    const controls = yield* QueueControls
    yield* controls.change(command, who)
    yield* Console.log(`${done}; every process does so within two seconds`)
  })

/** `pause QUEUE [--tenant T]`: running jobs end, no job is started; kept over restarts. */
export const pause = Command.make("pause", { queue, tenant, by }, ({ by, queue, tenant }) =>
  Option.match(tenant, {
    onNone: () => change(ControlCommand.Pause({ queue }), by, `${queue} is paused`),
    onSome: (tenantId) => change(ControlCommand.PauseTenant({ tenantId, queue }), by, `${queue} is paused for tenant ${tenantId}`)
  })
).pipe(Command.withDescription("Start no more jobs of a queue, or of one tenant in it, until it is resumed"))

/** `resume QUEUE [--tenant T]`. */
export const resume = Command.make("resume", { queue, tenant, by }, ({ by, queue, tenant }) =>
  Option.match(tenant, {
    onNone: () => change(ControlCommand.Resume({ queue }), by, `${queue} is resumed`),
    onSome: (tenantId) => change(ControlCommand.ResumeTenant({ tenantId, queue }), by, `${queue} is resumed for tenant ${tenantId}`)
  })
).pipe(Command.withDescription("Start the jobs of a paused queue, or of one tenant in it, again"))

const jobs = Argument.Int("jobs").pipe(Argument.withDescription("Jobs at once in each process; left out: as the environment says"), Argument.optional)

/** `concurrency QUEUE [JOBS]`. */
export const concurrency = Command.make("concurrency", { queue, jobs, by }, ({ by, jobs, queue }) =>
  Option.match(jobs, {
    onNone: () => change(ControlCommand.SetConcurrency({ queue, concurrency: null }), by, `${queue} runs as many jobs at once as the environment says`),
    onSome: (count) => change(ControlCommand.SetConcurrency({ queue, concurrency: Math.max(0, count) }), by, `${queue} runs ${Math.max(0, count)} jobs at once in each process`)
  })
).pipe(Command.withDescription("Change how many jobs of a queue run at once, in every process"))
