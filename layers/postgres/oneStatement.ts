import { Effect, Exit, type Scope } from "effect"

/** As many parameters as one statement is given at once. */
const most = 500

interface Call<Item, Answer, E> {
  readonly item: Item
  readonly resume: (answer: Effect.Effect<Answer, E>) => void
}

const tooFew = Exit.die("a statement gave fewer answers than it was asked for")

/**
 * Calls of one moment become one statement: those of one turn of the event loop, and while a statement is under way, the
 * next ones gather. The answers come in the order of the items. Ends with the scope, after what was asked for before.
 *
 * Without a queue and a deferred answer for each call: hundreds come in a second, and those would cost more than the
 * statement.
 */
export const oneStatement = <Item, Answer, E>(
  run: (items: ReadonlyArray<Item>) => Effect.Effect<ReadonlyArray<Answer>, E>
): Effect.Effect<(item: Item) => Effect.Effect<Answer, E>, never, Scope.Scope> =>
  Effect.gen(function*() {
    const runFork = Effect.runForkWith(yield* Effect.context<never>())
    const waiting: Array<Call<Item, Answer, E>> = []
    const idle = new Set<() => void>()
    let busy = false

    const answer = (calls: ReadonlyArray<Call<Item, Answer, E>>, exit: Exit.Exit<ReadonlyArray<Answer>, E>): void => {
      for (const [index, { resume }] of calls.entries()) {
        if (Exit.isFailure(exit)) resume(Exit.failCause(exit.cause))
        else {
          const own = exit.value[index]
          resume(own === undefined ? tooFew : Exit.succeed(own))
        }
      }
    }
    const round = (): void => {
      if (waiting.length === 0) {
        busy = false
        for (const resolve of idle) resolve()
        idle.clear()
        return
      }
      const calls = waiting.splice(0, most)
      runFork(Effect.suspend(() => run(calls.map(({ item }) => item)))).addObserver((exit) => {
        answer(calls, exit)
        setImmediate(round)
      })
    }

    yield* Effect.addFinalizer(() => Effect.callback<void>((resume) => {
      if (busy) idle.add(() => resume(Effect.void))
      else resume(Effect.void)
    }))
    return (item) =>
      Effect.callback<Answer, E>((resume) => {
        waiting.push({ item, resume })
        if (busy) return
        busy = true
        setImmediate(round)
      })
  })
