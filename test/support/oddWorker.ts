import { RunningWork } from "../../src/services/RunningWork.ts"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Duration, Effect, Layer } from "effect"
import { exitStatus, reportFailure, watchStopSignals } from "../../layers/process/Process.ts"
import { JobQueues } from "../../src/services/JobQueue.ts"
import { Readiness } from "../../src/supervisor/Readiness.ts"
import * as Supervisor from "../../src/supervisor/Supervisor.ts"
import { makeMemoryQueue } from "./memoryJobQueue.ts"
import { supervisorNeeds } from "./supervisorNeeds.ts"

/**
 * The worker's tree and its end, as main.ts runs them, with odd parts: `stubborn SECONDS` has one job that ignores its
 * interruption, `patient SECONDS` one that does not, and `broken SECONDS` a child of the root that
 * cannot run.
 */
const [, , mode = "stubborn", seconds = "1"] = process.argv

const memory = makeMemoryQueue("email-sync")
const running = Effect.andThen(Effect.logInfo("a job runs"), Effect.never)

const start = Effect.gen(function*() {
  const grace = Duration.seconds(Number(seconds))
  const signals = yield* watchStopSignals(grace)
  yield* memory.add("a")
  const app = Supervisor.layer({
    operations: null,
    consumers: [{ queue: "email-sync", concurrency: 1, tenantLimit: null, handle: () => mode === "stubborn" ? Effect.uninterruptible(running) : running }],
    upkeep: []
  }, Layer.merge(Layer.succeed(JobQueues, { open: () => Effect.succeed(memory.queue) }), supervisorNeeds({ beat: mode === "broken" ? Effect.die(new Error("the disk is full")) : Effect.void })), { grace, ...signals })
  const ended = Supervisor.Supervisor.use(({ ended }) => ended)
  yield* Effect.provide(ended, app.pipe(Layer.provide(Layer.merge(Readiness.layer, RunningWork.layer))))
}).pipe(Effect.scoped)

// The state of the job as the process leaves it, however it ends.
process.on("exit", () => process.stderr.write(`in the end: ${memory.stateOf("a")}\n`))
NodeRuntime.runMain(reportFailure(start), { disableErrorReporting: true, teardown: exitStatus })
