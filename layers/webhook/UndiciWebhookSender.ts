import { DateTime, Duration, Effect, Exit, Layer, Option, Result } from "effect"
import type { Dispatcher } from "undici"
import type { ForwardProxy } from "../../src/domain/ForwardProxy.ts"
import type { ExchangeFailure } from "../../src/domain/webhookOutcome.ts"
import type { WebhookTarget } from "../../src/domain/webhookUrl.ts"
import { AddressGuard } from "../../src/services/AddressGuard.ts"
import { type Exchange, type WebhookRequest, WebhookSender } from "../../src/services/WebhookSender.ts"
import { parseRetryAfter } from "../http/retryAfter.ts"
import { type Connection, makeConnections } from "./connections.ts"
import { dial, type DialFailed, failureOf, type Progress } from "./dial.ts"
import { makeEndpointReader } from "./endpoints.ts"
import { keptExcerpt, keptHeaders, mostExcerpt } from "./redactedRecord.ts"
import { makeHeaders } from "./requestHeaders.ts"
import { makeSecretReader } from "./signatures.ts"

/** Over looking up, connecting, TLS, request, headers and body: a receiver that is slower should answer first and work later. */
export const defaultDeadline = Duration.seconds(15)

export interface SenderOptions {
  readonly httpsOnly: boolean
  readonly proxy: ForwardProxy | null
  readonly deadline?: Duration.Duration
  readonly ca?: string
}

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  readonly body: Buffer
  readonly cut: boolean
}

interface Lost {
  readonly failure: ExchangeFailure
  /** Nothing of an answer had come. */
  readonly silent: boolean
}

/** One request on one connection. Broken off, it closes the connection. */
const exchange = (connection: Connection, target: WebhookTarget, headers: Record<string, string>, body: Buffer, onHeaders: () => void): Effect.Effect<Answer, Lost> =>
  Effect.callback<Answer, Lost>((resume) => {
    let status = 0
    let answered: Answer["headers"] = {}
    let received = 0
    const chunks: Array<Buffer> = []
    const finish = (cut: boolean) => resume(Effect.succeed({ status, headers: answered, body: Buffer.concat(chunks).subarray(0, mostExcerpt), cut }))
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart: () => {},
      onResponseStart: (_controller, statusCode, responseHeaders) => {
        if (statusCode < 200) return
        status = statusCode
        answered = responseHeaders
        onHeaders()
      },
      onResponseData: (_controller, chunk) => {
        received += chunk.length
        chunks.push(chunk)
        if (received <= mostExcerpt) return
        void connection.client.destroy().catch(() => {})
        finish(true)
      },
      onResponseEnd: () => finish(false),
      onResponseError: (_controller, error) => resume(Effect.fail({ failure: failureOf(error), silent: status === 0 && received === 0 }))
    }
    connection.client.dispatch({ path: target.path, method: "POST", headers, body, headersTimeout: 0, bodyTimeout: 0 }, handler)
    return Effect.sync(() => void connection.client.destroy().catch(() => {}))
  })

/** `WebhookSender` over undici, on connections that it has made itself. */
export const layer = (options: SenderOptions): Layer.Layer<WebhookSender, never, AddressGuard> =>
  Layer.effect(
    WebhookSender,
    Effect.gen(function*() {
      const guard = yield* AddressGuard
      const connections = yield* makeConnections
      const readSecret = makeSecretReader()
      const readEndpoint = makeEndpointReader(options)
      const deadline = options.deadline ?? defaultDeadline
      const dialOptions = { guard, proxy: options.proxy, ca: options.ca ?? null }

      const connect = (target: WebhookTarget, progress: Progress): Effect.Effect<Connection, DialFailed> =>
        Effect.flatMap(connections.adopter, (adopt) => Effect.map(dial(target, dialOptions, progress), (socket) => adopt(target.origin, socket)))

      /** A connection that waited may have been closed at this very moment: then, before any answer, once more on a new one. */
      const carry = (target: WebhookTarget, headers: Record<string, string>, body: Buffer, progress: Progress, began: number) => {
        const over = (connection: Connection) =>
          exchange(connection, target, headers, body, () => void (progress.firstByte = performance.now() - began)).pipe(
            Effect.onExit((exit) => Effect.sync(() => Exit.isSuccess(exit) && !exit.value.cut ? connections.giveBack(connection) : connections.close(connection)))
          )
        const afresh = Effect.flatMap(connect(target, progress), over)
        return Effect.suspend(() => {
          const waiting = connections.takeIdle(target.origin)
          if (waiting === null) return afresh
          return over(waiting).pipe(Effect.catchIf((lost) => lost.silent && lost.failure === "connection-lost", () => afresh))
        })
      }

      // Without a span: hundreds a second, and what it would say is on record.
      const send = Effect.fnUntraced(function*(request: WebhookRequest) {
        const now = yield* DateTime.now
        const began = performance.now()
        const progress: Progress = { dns: null, connect: null, tls: null, firstByte: null, address: null }
        const body = Buffer.from(request.body, "utf8")
        const { hidden, target } = readEndpoint(request.url, request.secrets)
        const headers = makeHeaders(request, body, Math.floor(DateTime.toEpochMillis(now) / 1000), readSecret)

        const record = (answer: Exchange["answer"], of: Partial<Answer> = {}): Exchange => ({
          answer,
          timings: {
            dns: progress.dns,
            connect: progress.connect,
            tls: progress.tls,
            firstByte: progress.firstByte,
            total: performance.now() - began
          },
          address: progress.address,
          requestHeaders: Result.isSuccess(headers) ? keptHeaders(headers.success, hidden) : {},
          responseHeaders: keptHeaders(of.headers ?? {}, hidden),
          excerpt: of.body === undefined ? null : keptExcerpt(of.body, headerOf(of, "content-encoding"), hidden),
          cut: of.cut ?? false,
          retryAfter: Option.getOrNull(parseRetryAfter(headerOf(of, "retry-after"), now))
        })
        const broken = (failure: ExchangeFailure) => record({ _tag: "Broken", failure })

        if (Result.isFailure(target)) return broken("url-refused")
        if (Result.isFailure(headers)) return broken("secret-unusable")
        return yield* carry(target.success, headers.success, body, progress, began).pipe(
          Effect.timeoutOrElse({ duration: deadline, orElse: () => Effect.fail({ failure: "timeout" as const }) }),
          Effect.match({
            onFailure: ({ failure }) => broken(failure),
            onSuccess: (answer) => record({ _tag: "Answered", status: answer.status }, answer)
          })
        )
      })

      return WebhookSender.of({ send })
    })
  )

const headerOf = ({ headers }: Partial<Answer>, name: string): string | undefined => {
  const value = headers?.[name]
  return typeof value === "string" ? value : value?.[0]
}
