import { Duration, Effect, Logger, Ref } from "effect"
import type { ChildSpec, SupervisorSpec } from "../../src/supervisor/ChildSpec.ts"
import { supervise } from "../../src/supervisor/SupervisionTree.ts"

/** p99 in milliseconds. */
export interface Pace {
  /** From one 5 ms tick of a sibling to its next. */
  readonly tick: number
  /** Of a sibling's small task, which computes and yields. */
  readonly task: number
}

const p99 = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.99)] ?? Number.NaN

const unlimited = { restarts: Number.MAX_SAFE_INTEGER, within: Duration.infinity }

const child = (name: string, loop: Effect.Effect<void, Error>): ChildSpec<Error, never> => ({
  name,
  kind: "permanent",
  stopWithin: Duration.seconds(1),
  start: Effect.succeed(loop)
})

const someWork = Effect.sync(() => {
  let sum = 0
  for (let n = 0; n < 200_000; n++) sum += Math.sqrt(n)
  return sum
})

const timed = (into: Array<number>, effect: Effect.Effect<unknown>): Effect.Effect<void> =>
  Effect.suspend(() => {
    const began = performance.now()
    return Effect.map(effect, () => void into.push(performance.now() - began))
  })

/**
 * A real tree for this long without, and as long with, a child that crashes as fast as its back-off of 10 to 50 ms
 * lets it (the product's begins at 200 ms): each crash is logged, at the cost of a line that goes nowhere.
 */
export const measureCrashLoop = Effect.fnUntraced(function*(lasts: Duration.Duration) {
  const crashes = yield* Ref.make(0)
  const pace = Effect.fnUntraced(function*(crashing: boolean) {
    const ticks: Array<number> = []
    const tasks: Array<number> = []
    const spec: SupervisorSpec<never> = {
      name: "bench",
      strategy: "one-for-one",
      intensity: { burst: unlimited, sustained: unlimited },
      backoff: { base: Duration.millis(10), cap: Duration.millis(50), jitter: 0.25 },
      children: [
        child("ticking", Effect.forever(timed(ticks, Effect.sleep("5 millis")))),
        child("working", Effect.forever(timed(tasks, someWork.pipe(Effect.andThen(Effect.yieldNow), Effect.andThen(someWork))).pipe(Effect.andThen(Effect.sleep("5 millis"))))),
        child("looping", crashing
          ? Ref.update(crashes, (count) => count + 1).pipe(Effect.andThen(Effect.sleep("1 millis")), Effect.andThen(Effect.fail(new Error("again"))))
          : Effect.never)
      ]
    }
    yield* supervise(spec).pipe(
      Effect.andThen(Effect.sleep(lasts)),
      Effect.scoped,
      Effect.provide(Logger.layer([Logger.map(Logger.formatLogFmt, () => undefined)]))
    )
    return { tick: p99(ticks), task: p99(tasks) } satisfies Pace
  })
  // Both once without being looked at: code that runs for the first time is slow.
  yield* pace(true)
  yield* Ref.set(crashes, 0)
  const quiet = yield* pace(false)
  const loop = yield* pace(true)
  return { quiet, loop, crashes: yield* Ref.get(crashes) }
})
