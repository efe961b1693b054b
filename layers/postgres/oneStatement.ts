import { Cause, Deferred, Effect, Exit, Queue, type Scope } from "effect"

/** As many parameters as one statement is given at once. */
const most = 500

/**
 * Calls of one moment become one statement: while one is under way, the next ones gather. The answers come in the order
 * of the items. Ends with the scope, after what was asked for before.
 */
export const oneStatement = <Item, Answer, E>(
  run: (items: ReadonlyArray<Item>) => Effect.Effect<ReadonlyArray<Answer>, E>
): Effect.Effect<(item: Item) => Effect.Effect<Answer, E>, never, Scope.Scope> =>
  Effect.gen(function*() {
    const asked = yield* Queue.unbounded<{ readonly item: Item; readonly answered: Deferred.Deferred<Answer, E> }>()
    const unanswered = new Set<Deferred.Deferred<Answer, E>>()
    const round = Effect.gen(function*() {
      const batch = yield* Queue.takeBetween(asked, 1, most)
      const exit = yield* Effect.exit(run(batch.map(({ item }) => item)))
      yield* Effect.forEach(batch, ({ answered }, index) => {
        unanswered.delete(answered)
        if (Exit.isFailure(exit)) return Deferred.failCause(answered, exit.cause)
        const answer = exit.value[index]
        return answer === undefined
          ? Deferred.failCause(answered, Cause.die("a statement gave fewer answers than it was asked for"))
          : Deferred.succeed(answered, answer)
      }, { discard: true })
    })
    yield* Effect.forkScoped(Effect.forever(round))
    yield* Effect.addFinalizer(() => Effect.forEach([...unanswered], (answered) => Effect.exit(Deferred.await(answered)), { discard: true }))
    return (item) =>
      Effect.gen(function*() {
        const answered = yield* Deferred.make<Answer, E>()
        unanswered.add(answered)
        yield* Queue.offer(asked, { item, answered })
        return yield* Deferred.await(answered)
      })
  })
