import { Deferred, Duration, Effect, Metric } from "effect"
import { TestClock } from "effect/testing"
import type { ChildSpec, Strategy, SupervisorSpec } from "../../../src/supervisor/ChildSpec.ts"
import { supervise } from "../../../src/supervisor/SupervisionTree.ts"
import type { TreeStatus } from "../../../src/supervisor/TreeStatus.ts"

/** Lets everything happen that does not wait for the clock. */
export const settle = Effect.forEach(Array.from({ length: 50 }), () => Effect.yieldNow, { discard: true })

export const pass = (duration: Duration.Input) => settle.pipe(Effect.andThen(TestClock.adjust(duration)), Effect.andThen(settle))

const never = { restarts: Number.MAX_SAFE_INTEGER, within: Duration.infinity }

/** Restarts after 100 ms, 200 ms, 400 ms … 10 s, without chance, and as often as it likes. */
export const supervisor = <R = never>(
  strategy: Strategy,
  children: SupervisorSpec<R>["children"],
  change: Partial<SupervisorSpec<R>> = {}
): SupervisorSpec<R> => ({
  name: "root",
  strategy,
  intensity: { burst: never, sustained: never },
  backoff: { base: Duration.millis(100), cap: Duration.seconds(10), jitter: 0 },
  children,
  ...change
})

export const atMost = (restarts: number, within: Duration.Input = Duration.infinity) => ({
  intensity: { burst: { restarts, within: Duration.fromInputUnsafe(within) }, sustained: never }
})

/** Children that note when they start (+) and when they have let go (-), and end when the test says so. */
export const workbench = () => {
  const steps: Array<string> = []
  const ends = new Map<string, Deferred.Deferred<void, unknown>>()
  const note = (step: string) => Effect.sync(() => void steps.push(step))

  const child = (name: string, change: Partial<ChildSpec<unknown, never>> = {}): ChildSpec<unknown, never> => ({
    name,
    kind: "permanent",
    stopWithin: Duration.seconds(5),
    start: Effect.acquireRelease(note(`+${name}`), () => note(`-${name}`)).pipe(
      Effect.as(Effect.suspend(() => {
        const end = Deferred.makeUnsafe<void, unknown>()
        ends.set(name, end)
        return Deferred.await(end)
      }))
    ),
    ...change
  })

  const end = (name: string, how: Effect.Effect<void, unknown>) =>
    Effect.suspend(() => {
      const current = ends.get(name)
      if (current === undefined) return Effect.die(new Error(`${name} has never run`))
      return Deferred.completeWith(current, how).pipe(Effect.andThen(settle))
    })

  return {
    steps,
    note,
    child,
    crash: (name: string, reason: unknown = "broken") => end(name, Effect.fail(reason)),
    end,
    /** What happened since the last look. */
    since: (): string => steps.splice(0).join(" ")
  }
}

export const start = (spec: SupervisorSpec<never>) => Effect.tap(supervise(spec), () => settle)

/** "email-sync running 2": name, state, restarts; one entry for each node below the root. */
export const brief = (status: TreeStatus): ReadonlyArray<string> =>
  status.children.flatMap((child) => [`${child.name} ${child.state} ${child.restarts}`, ...brief(child)])

/** How many fibers of the effect, and of all that it has begun, are left. */
export const countFibers = <A, E, R>(effect: Effect.Effect<A, E, R>) => {
  const count = { begun: 0, left: 0 }
  const metrics: Metric.FiberRuntimeMetricsService = {
    recordFiberStart: () => {
      count.begun += 1
      count.left += 1
    },
    recordFiberEnd: () => void (count.left -= 1)
  }
  return Effect.as(Effect.provideService(effect, Metric.FiberRuntimeMetrics, metrics), count)
}
