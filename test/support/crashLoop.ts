import { Duration, Effect, Logger } from "effect"
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
 * A real tree with and without a child that crashes as fast as its back-off of 10 to 50 ms lets it (the product's
 * begins at 200 ms): each crash is logged, at the cost of a line that goes nowhere. In turns, so that what else the
 * machine does falls on both.
 */
export const measureCrashLoop = Effect.fnUntraced(function*(options: { readonly turns: number; readonly each: Duration.Duration }) {
  let crashes = 0
  const newTally = () => ({ ticks: new Array<number>(), tasks: new Array<number>() })
  const turn = Effect.fnUntraced(function*({ tasks, ticks }: ReturnType<typeof newTally>, crashing: boolean) {
    const task = someWork.pipe(Effect.andThen(Effect.yieldNow), Effect.andThen(someWork))
    const crash = Effect.suspend(() => {
      crashes += 1
      return Effect.fail(new Error("again"))
    })
    const spec: SupervisorSpec<never> = {
      name: "bench",
      strategy: "one-for-one",
      intensity: { burst: unlimited, sustained: unlimited },
      backoff: { base: Duration.millis(10), cap: Duration.millis(50), jitter: 0.25 },
      children: [
        child("ticking", Effect.forever(timed(ticks, Effect.sleep("5 millis")))),
        child("working", Effect.forever(timed(tasks, task).pipe(Effect.andThen(Effect.sleep("5 millis"))))),
        child("looping", crashing ? Effect.andThen(Effect.sleep("1 millis"), crash) : Effect.never)
      ]
    }
    yield* supervise(spec).pipe(
      Effect.andThen(Effect.sleep(options.each)),
      Effect.scoped,
      Effect.provide(Logger.layer([Logger.map(Logger.formatLogFmt, () => undefined)]))
    )
  })
  // Once without being looked at: code that runs for the first time is slow.
  yield* turn(newTally(), true)
  crashes = 0
  const quiet = newTally()
  const loop = newTally()
  for (let number = 0; number < options.turns; number++) {
    yield* turn(quiet, false)
    yield* turn(loop, true)
  }
  const paceOf = ({ tasks, ticks }: ReturnType<typeof newTally>): Pace => ({ tick: p99(ticks), task: p99(tasks) })
  return { quiet: paceOf(quiet), loop: paceOf(loop), crashes, ticks: loop.ticks.length }
})
