import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Logger } from "effect"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import type { ChildKind, Strategy } from "../../../src/supervisor/ChildSpec.ts"
import { atMost, pass, start, supervisor, workbench } from "./treeWorkbench.ts"

interface Happening {
  readonly who: number
  readonly how: "crash" | "ends"
}

/** What the three strategies promise, as plainly as it can be said. */
const model = (strategy: Strategy, kinds: ReadonlyArray<ChildKind>, allowed: number) => {
  const runs = kinds.map(() => true)
  let restarts = 0
  let ended = false
  const happens = ({ how, who }: Happening): string => {
    if (ended || !runs[who]) return ""
    const steps = [`-${who}`]
    runs[who] = false
    const kind = kinds[who]
    if (kind === "temporary" || (kind === "transient" && how === "ends")) return steps.join(" ")
    restarts += 1
    ended = restarts > allowed
    const group = kinds.flatMap((_, index) => strategy === "one-for-all" || index === who || (strategy === "rest-for-one" && index > who) ? [index] : [])
    const falling = (ended ? kinds.map((_, index) => index) : group).filter((index) => runs[index]).toReversed()
    for (const index of falling) {
      runs[index] = false
      steps.push(`-${index}`)
    }
    if (ended) return steps.join(" ")
    for (const index of group.filter((index) => kinds[index] !== "temporary")) {
      runs[index] = true
      steps.push(`+${index}`)
    }
    return steps.join(" ")
  }
  return { happens, runs, hasEnded: () => ended }
}

const kinds = fc.array(fc.constantFrom<ChildKind>("permanent", "transient", "temporary"), { minLength: 1, maxLength: 5 })
const happenings = fc.array(fc.record({ who: fc.nat({ max: 4 }), how: fc.constantFrom("crash" as const, "ends" as const) }), { maxLength: 12 })

type Case = readonly [Strategy, ReadonlyArray<ChildKind>, ReadonlyArray<Happening>, number]

const agrees = ([strategy, kinds, happenings, allowed]: Case) =>
  Effect.gen(function*() {
    const { child, crash, end, since } = workbench()
    const tree = yield* start(supervisor(strategy, kinds.map((kind, index) => child(`${index}`, { kind })), atMost(allowed)))
    const ended = yield* Effect.forkChild(tree.ended)
    assert.strictEqual(since(), kinds.map((_, index) => `+${index}`).join(" "))
    const expected = model(strategy, kinds, allowed)
    for (const happening of happenings.filter(({ who }) => who < kinds.length)) {
      const { how, who } = happening
      const steps = expected.happens(happening)
      yield* how === "crash" ? crash(`${who}`) : end(`${who}`, Effect.void)
      yield* pass("10 seconds")
      assert.strictEqual(since(), steps)
      const exit = ended.pollUnsafe()
      assert.strictEqual(exit !== undefined && Exit.isFailure(exit), expected.hasEnded())
    }
    const states = (yield* tree.status).children.map(({ state }) => state === "running")
    assert.deepStrictEqual(states, expected.runs)
  }).pipe(Effect.scoped, Effect.provide([TestClock.layer(), Logger.layer([])]))

describe("any series of crashes and ends", () => {
  it("does what the strategy and the kinds promise, until there are too many", async () => {
    const cases = fc.tuple(fc.constantFrom<Strategy>("one-for-one", "one-for-all", "rest-for-one"), kinds, happenings, fc.nat({ max: 8 }))
    let agreed = 0
    await fc.assert(fc.asyncProperty(cases, async (each) => {
      await Effect.runPromise(agrees(each))
      agreed += 1
    }), { numRuns: 300 })
    assert.strictEqual(agreed, 300)
  })
})
