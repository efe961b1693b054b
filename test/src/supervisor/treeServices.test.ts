import { assert, describe, it } from "@effect/vitest"
import { Context, Data, Duration, Effect, type Scope } from "effect"
import type { ChildSpec, SupervisorSpec } from "../../../src/supervisor/ChildSpec.ts"
import { supervise } from "../../../src/supervisor/SupervisionTree.ts"
import { settle, supervisor } from "./treeWorkbench.ts"

class Rows extends Context.Service<Rows, { readonly table: string }>()("test/Rows") {}
class Mail extends Context.Service<Mail, { readonly host: string }>()("test/Mail") {}
class NoRows extends Data.TaggedError("NoRows") {}
class NoMail extends Data.TaggedError("NoMail") {}

type Same<A, B> = [A] extends [B] ? [B] extends [A] ? true : false : false

describe("children that need different services and fail differently", () => {
  it.effect("stand in one tree, which needs what they need together", () =>
    Effect.gen(function*() {
      const seen: Array<string> = []
      const see = (text: string) => Effect.sync(() => void seen.push(text))
      const reader: ChildSpec<NoRows, Rows> = {
        name: "reader",
        kind: "permanent",
        stopWithin: Duration.seconds(1),
        start: Effect.map(Rows, ({ table }) => see(table).pipe(Effect.andThen(Effect.never), Effect.andThen(new NoRows())))
      }
      const { backoff, intensity } = supervisor("one-for-one", [])
      const spec = {
        name: "root",
        strategy: "one-for-one",
        intensity,
        backoff,
        children: [
          reader,
          {
            name: "nested",
            strategy: "rest-for-one",
            intensity,
            backoff,
            children: [{
              name: "sender",
              kind: "transient",
              stopWithin: Duration.seconds(1),
              // What is needed is asked for by the loop, not by the start.
              start: Effect.succeed(Mail.use(({ host }) => see(host)).pipe(Effect.andThen(new NoMail())))
            }]
          }
        ]
      } as const
      const tree = supervise(spec)
      const isWhatTheyNeed: Same<Effect.Services<typeof tree>, Rows | Mail | Scope.Scope> = true
      assert.isTrue(isWhatTheyNeed)
      const declared: SupervisorSpec<Rows | Mail> = spec
      yield* Effect.provideService(Effect.provideService(tree, Rows, { table: "rows" }), Mail, { host: "mail" })
      yield* Effect.provideService(Effect.provideService(supervise(declared), Rows, { table: "more rows" }), Mail, { host: "more mail" })
      yield* settle
      assert.deepStrictEqual([...seen].sort(), ["mail", "more mail", "more rows", "rows"])
    }))

  it.effect("each have a scope of their own, in the loop as in the start", () =>
    Effect.gen(function*() {
      const steps: Array<string> = []
      const noted = (step: string) => Effect.addFinalizer(() => Effect.sync(() => void steps.push(step)))
      const one = (name: string): ChildSpec<never, Scope.Scope> => ({
        name,
        kind: "temporary",
        stopWithin: Duration.seconds(1),
        start: Effect.as(noted(`${name} start`), noted(`${name} loop`))
      })
      yield* supervise(supervisor<Scope.Scope>("one-for-one", [one("a"), one("b")]))
      yield* settle
      assert.deepStrictEqual(steps, ["a loop", "a start", "b loop", "b start"])
    }))
})
