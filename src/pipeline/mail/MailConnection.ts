import { Effect, Exit, Ref, Scope } from "effect"
import { MailError, MailReason, type MailSession, type OpenFolder } from "../../services/MailServers.ts"

/** Whether a connection that was well has broken, and is no use any more. */
export const isBroken = ({ reason, step }: MailError): boolean =>
  step === "folder" && (reason._tag === "Lost" || reason._tag === "Silent" || reason._tag === "Unreadable")

/** So many new connections in one sync; beyond, the server or the line is at fault, and the next sync goes on. */
const mostConnections = 12

/**
 * A connection that is made again when it has broken. A folder stays the one that was opened: where the server numbers
 * it anew in between, that is a failure, since every UID means another mail then.
 */
export interface MailConnection<C = never> {
  /** Opens the folder and tells what it looks like now. */
  readonly open: (folder: string, options: { readonly writable: boolean }) => Effect.Effect<OpenFolder, MailError | C>
  /** Uses the session on the opened folder. A connection that breaks in it is dropped; the next use makes a new one. */
  readonly use: <A, E, R>(f: (session: MailSession) => Effect.Effect<A, E | MailError, R>) => Effect.Effect<A, E | MailError | C, R>
  /** Bytes that have come from the server, over all connections. */
  readonly received: Effect.Effect<number>
}

interface Live {
  readonly session: MailSession
  readonly scope: Scope.Closeable
  readonly opened: string | null
}

/** Closed with the scope. `connect` is called when the first use needs it. */
export const makeMailConnection = <C = never>(host: string, connect: Effect.Effect<MailSession, MailError | C, Scope.Scope>): Effect.Effect<MailConnection<C>, never, Scope.Scope> =>
  Effect.gen(function*() {
    const live = yield* Ref.make<Live | null>(null)
    const wanted = yield* Ref.make<{ readonly folder: string; readonly writable: boolean; readonly uidValidity: bigint } | null>(null)
    const before = yield* Ref.make(0)
    const made = yield* Ref.make(0)

    const drop = Effect.gen(function*() {
      const current = yield* Ref.getAndSet(live, null)
      if (current === null) return
      const bytes = yield* current.session.received
      yield* Ref.update(before, (sum) => sum + bytes)
      yield* Scope.close(current.scope, Exit.void)
    }).pipe(Effect.uninterruptible)
    yield* Effect.addFinalizer(() => drop)

    const get = Effect.gen(function*() {
      const current = yield* Ref.get(live)
      if (current !== null) return current
      if ((yield* Ref.updateAndGet(made, (n) => n + 1)) > mostConnections) return yield* new MailError({ host, step: "connect", reason: MailReason.Lost() })
      return yield* Effect.uninterruptibleMask((restore) =>
        Effect.gen(function*() {
          const scope = yield* Scope.make()
          const session = yield* restore(Scope.provide(connect, scope)).pipe(Effect.onError(() => Scope.close(scope, Exit.void)))
          const fresh: Live = { session, scope, opened: null }
          yield* Ref.set(live, fresh)
          return fresh
        })
      )
    })

    const dropped = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
      Effect.tapError(effect, (error) => error instanceof MailError && isBroken(error) ? drop : Effect.void)

    const openOn = Effect.fnUntraced(function*({ session, ...rest }: Live, folder: string, writable: boolean) {
      const opened = yield* session.open(folder, { writable })
      yield* Ref.set(live, { ...rest, session, opened: folder })
      return opened
    })

    return {
      open: (folder, { writable }) =>
        Effect.gen(function*() {
          const opened = yield* openOn(yield* get, folder, writable)
          yield* Ref.set(wanted, { folder, writable, uidValidity: opened.uidValidity })
          return opened
        }).pipe(dropped),
      use: (f) =>
        Effect.gen(function*() {
          const current = yield* get
          const place = yield* Ref.get(wanted)
          if (place !== null && current.opened !== place.folder) {
            const again = yield* openOn(current, place.folder, place.writable)
            if (again.uidValidity !== place.uidValidity) return yield* new MailError({ host, step: "connect", reason: MailReason.Lost() })
          }
          return yield* f(current.session)
        }).pipe(dropped),
      received: Effect.gen(function*() {
        const current = yield* Ref.get(live)
        return (yield* Ref.get(before)) + (current === null ? 0 : yield* current.session.received)
      })
    }
  })
