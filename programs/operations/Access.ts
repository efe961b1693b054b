import { Clock, Context, Duration, Effect, Layer, Redacted } from "effect"
import * as Digest from "effect/crypto/Digest"
import * as SecureRandom from "effect/crypto/SecureRandom"
import type { HttpServerRequest } from "effect/http/HttpServerRequest"
import type { Operator, OperatorToken } from "../../src/domain/Operator.ts"

/** A working day; then the token is asked for again. */
const sessionLength = Duration.hours(10)
/** Longer than any guesser likes, too short for a person to mind. */
const refusalPause = Duration.millis(500)
const mostSessions = 1_000

export const sessionCookie = "tt_ops"

/** Names under which only this machine reaches itself: a page from elsewhere that has its own name point here is not let in. */
const localNames = new Set(["127.0.0.1", "localhost", "[::1]"])
const hostNameOf = (host: string | undefined): string => (host ?? "").replace(/:\d+$/, "")

export interface AccessOptions {
  readonly tokens: ReadonlyArray<OperatorToken>
  /** Whether the server can only be reached from this machine. */
  readonly local: boolean
}

interface Session {
  readonly operator: Operator
  readonly until: number
}

/**
 * Who may look and who may act. With tokens: by `Authorization: Bearer`, or by the cookie of a page that was opened with
 * one. Without tokens only a server on the loopback address lets anybody in.
 */
export class Access extends Context.Service<Access, {
  /** null where nobody is known: refused. */
  readonly operatorOf: (request: HttpServerRequest) => Effect.Effect<Operator | null>
  /** A session for this token; null where it is none of ours, after a pause. */
  readonly open: (token: string) => Effect.Effect<{ readonly session: string; readonly operator: Operator } | null>
  readonly close: (request: HttpServerRequest) => Effect.Effect<void>
  /** Whether anybody can get in at all: false on an open address without tokens. */
  readonly possible: boolean
}>()("tt-worker/programs/operations/Access") {
  static readonly layer = (options: AccessOptions): Layer.Layer<Access> =>
    Layer.effect(
      Access,
      Effect.gen(function*() {
        const digest = yield* Digest.Digest
        const random = yield* SecureRandom.SecureRandom
        const sessions = new Map<string, Session>()
        // Compared by their hashes, so that the time it takes tells nothing.
        const hashOf = (token: string) => digest.digestHex(Digest.sha256, new TextEncoder().encode(token)).pipe(Effect.orDie)
        const known = new Map(yield* Effect.forEach(options.tokens, ({ name, role, token }) =>
          Effect.map(hashOf(Redacted.value(token)), (hash): readonly [string, Operator] => [hash, { name, role }])))

        const byToken = (token: string) =>
          Effect.flatMap(hashOf(token), (hash) => {
            const operator = known.get(hash)
            return operator === undefined ? Effect.as(Effect.sleep(refusalPause), null) : Effect.succeed(operator)
          })
        const bySession = (id: string) =>
          Effect.map(Clock.currentTimeMillis, (now) => {
            const session = sessions.get(id)
            if (session !== undefined && session.until > now) return session.operator
            sessions.delete(id)
            return null
          })

        return Access.of({
          possible: options.local || known.size > 0,
          operatorOf: (request) => {
            const bearer = /^Bearer (.+)$/i.exec(request.headers["authorization"] ?? "")?.[1]
            if (bearer !== undefined) return byToken(bearer)
            const cookie = request.cookies[sessionCookie]
            if (cookie !== undefined && known.size > 0) return bySession(cookie)
            const open = known.size === 0 && options.local && localNames.has(hostNameOf(request.headers["host"]))
            return Effect.succeed(open ? { name: "local", role: "operate" } : null)
          },
          open: Effect.fnUntraced(function*(token) {
            const operator = yield* byToken(token)
            if (operator === null) return null
            const session = Buffer.from(yield* random.randomBytes(32)).toString("base64url")
            if (sessions.size >= mostSessions) sessions.delete(sessions.keys().next().value ?? "")
            sessions.set(session, { operator, until: (yield* Clock.currentTimeMillis) + Duration.toMillis(sessionLength) })
            return { session, operator }
          }),
          close: (request) => Effect.sync(() => void sessions.delete(request.cookies[sessionCookie] ?? ""))
        })
      })
    ).pipe(Layer.provide(Layer.merge(Digest.layerWebCrypto, SecureRandom.layerWebCrypto)))
}
