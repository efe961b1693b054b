import { type Effect, Layer } from "effect"
import * as Command from "effect/cli/Command"
import { concurrency, drain, pause, resume } from "./control.ts"
import { demo } from "./demo/demo.ts"
import { SamplesFolder } from "./demo/samples.ts"
import { doctor } from "./doctor/doctor.ts"
import { enqueue } from "./enqueue.ts"
import { extract } from "./extract.ts"
import { jobs } from "./jobs.ts"
import { mail } from "./mail.ts"
import { migrate } from "./migrate.ts"
import { migrateQueues } from "./migrateQueues.ts"
import { reconcile } from "./reconcile.ts"
import { replay } from "./replay.ts"
import { reprocess } from "./reprocess.ts"
import { status } from "./status.ts"
import { tenant } from "./tenant.ts"
import { undoAutomation } from "./undoAutomation.ts"
import { usage } from "./usage.ts"

/** What a command asks of its surroundings, besides what every command line has. */
type NeedsOf<C> = C extends Command.Command<infer _Name, infer _Input, infer _Context, infer _E, infer R> ? Exclude<R, Command.Environment> : never

type OnQueues = NeedsOf<typeof enqueue | typeof pause | typeof drain | typeof resume | typeof concurrency | typeof reprocess | typeof replay | typeof undoAutomation | typeof usage | typeof migrateQueues | typeof status | typeof jobs>

/** Runs the command that this process was started with: each gets what it needs, and nothing else is opened. */
export const runCommandLine = <E, R, E1, R1, E2, R2, E3, R3, E4, R4, E5, R5, E6, R6, E7, R7, E8, R8>(needs: {
  readonly start: Effect.Effect<void, E, R>
  readonly tables: Layer.Layer<NeedsOf<typeof migrate>, E1, R1>
  readonly queues: Layer.Layer<OnQueues, E2, R2>
  readonly mailbox: Layer.Layer<NeedsOf<typeof mail>, E5, R5>
  readonly readers: Layer.Layer<NeedsOf<typeof extract>, E3, R3>
  readonly machinery: Layer.Layer<NeedsOf<typeof demo>, E4, R4>
  readonly dependencies: Layer.Layer<NeedsOf<typeof doctor>, E7, R7>
  /** Queues, tables, and what is in the storage. */
  readonly stores: Layer.Layer<NeedsOf<typeof reconcile>, E8, R8>
  /** Queues, tables and files of a tenant that is erased. */
  readonly erasure: Layer.Layer<NeedsOf<typeof tenant>, E6, R6>
  readonly samplesFolder: string
  readonly version: string
}) => {
  const { dependencies, erasure, machinery, mailbox, queues, readers, samplesFolder, start, stores, tables, version } = needs
  const cli = Command.make("tt-worker", {}, () => start).pipe(
    Command.withDescription("The background worker of TT Time Tracker"),
    Command.withSubcommands([
      Command.make("start", {}, () => start).pipe(Command.withDescription("Run the supervisor until SIGTERM or Ctrl-C (the default)")),
      migrate.pipe(Command.provide(tables)),
      enqueue.pipe(Command.provide(queues)),
      status.pipe(Command.provide(queues)),
      jobs.pipe(Command.provide(queues)),
      doctor.pipe(Command.provide(dependencies)),
      pause.pipe(Command.provide(queues)),
      drain.pipe(Command.provide(queues)),
      resume.pipe(Command.provide(queues)),
      concurrency.pipe(Command.provide(queues)),
      reprocess.pipe(Command.provide(queues)),
      undoAutomation.pipe(Command.provide(queues)),
      reconcile.pipe(Command.provide(stores)),
      replay.pipe(Command.provide(queues)),
      usage.pipe(Command.provide(queues)),
      mail.pipe(Command.provide(mailbox)),
      migrateQueues.pipe(Command.provide(queues)),
      tenant.pipe(Command.provide(erasure)),
      extract.pipe(Command.provide(readers)),
      demo.pipe(Command.provide(Layer.merge(machinery, Layer.succeed(SamplesFolder, samplesFolder))))
    ])
  )
  return Command.run(cli, { version })
}
