import { Data, Deferred, Effect, Exit, Queue, type Scope } from "effect"
import { reasonInWords } from "./reasonInWords.ts"

/** Nobody answers any more. `reason` is null where the actor was stopped, and says why where it crashed. */
export class ActorStopped extends Data.TaggedError("ActorStopped")<{ readonly actor: string; readonly reason: string | null }> {
  override get message(): string {
    return this.reason === null ? `${this.actor} is stopped` : `${this.actor} crashed: ${this.reason}`
  }
}

/** Where the handler puts its answer; it may do so later, from elsewhere. */
export type Reply<A, E = never> = Deferred.Deferred<A, E>

export interface Actor<in Message, out E> {
  /** Puts the message into the mailbox; false when the actor is stopped. */
  readonly tell: (message: Message) => Effect.Effect<boolean>
  /**
   * Sends a message that carries a reply, and waits for the answer, or for the end of the actor, but never for ever
   * where there is no one left to answer.
   */
  readonly ask: <A, E2 = never>(message: (reply: Reply<A, E2>) => Message) => Effect.Effect<A, E2 | ActorStopped>
  /** Fails as a message's handler has failed; interrupts when the actor was stopped. What a supervisor runs. */
  readonly ended: Effect.Effect<never, E>
}

/**
 * Handles messages one after another, in the order in which they came, until its scope closes or a handler fails or
 * dies: then the actor has crashed, and whoever waits for an answer is told. What takes long is forked by the handler,
 * so that the next message is not held up. The mailbox has no bound: it is for commands, not for jobs.
 */
export const make = Effect.fnUntraced(function*<Message, E, R>(
  name: string,
  handle: (message: Message) => Effect.Effect<void, E, R>
): Effect.fn.Return<Actor<Message, E>, never, R | Scope.Scope> {
  const mailbox = yield* Queue.unbounded<Message>()
  const ended = yield* Deferred.make<never, E>()
  const stopped = yield* Deferred.make<never, ActorStopped>()

  const finish = (exit: Exit.Exit<never, E>, reason: string | null) =>
    Effect.sync(() => {
      Deferred.doneUnsafe(stopped, Exit.fail(new ActorStopped({ actor: name, reason })))
      Deferred.doneUnsafe(ended, exit)
      Queue.shutdownUnsafe(mailbox)
    })

  yield* Queue.take(mailbox).pipe(
    Effect.flatMap(handle),
    Effect.forever({ disableYield: true }),
    Effect.onExit((exit) => Exit.isFailure(exit) ? finish(Exit.failCause(exit.cause), reasonInWords(exit.cause)) : Effect.void),
    Effect.forkScoped
  )
  // Runs before the fiber is interrupted, and what is told first counts: a stop is no crash, and nobody waits for a handler that hangs.
  yield* Effect.addFinalizer(() => finish(Exit.interrupt(), null))

  return {
    tell: (message) => Effect.sync(() => Queue.offerUnsafe(mailbox, message)),
    ask: <A, E2 = never>(message: (reply: Reply<A, E2>) => Message) =>
      Effect.suspend(() => {
        const reply = Deferred.makeUnsafe<A, E2>()
        Queue.offerUnsafe(mailbox, message(reply))
        return Effect.raceFirst(Deferred.await(reply), Deferred.await(stopped))
      }),
    ended: Deferred.await(ended)
  }
})
