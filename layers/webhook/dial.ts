import { Data, Effect, Redacted } from "effect"
import { isReadonlyArrayNonEmpty, type NonEmptyReadonlyArray } from "effect/Array"
import { type Socket, connect as connectTcp } from "node:net"
import { connect as connectTls } from "node:tls"
import type { ForwardProxy } from "../../src/domain/ForwardProxy.ts"
import type { ExchangeFailure } from "../../src/domain/webhookOutcome.ts"
import type { WebhookTarget } from "../../src/domain/webhookUrl.ts"
import { AddressReason, type AddressError, type AddressGuard, type CheckedAddress } from "../../src/services/AddressGuard.ts"

export interface DialOptions {
  readonly guard: AddressGuard["Service"]
  readonly proxy: ForwardProxy | null
  /** Certificates to trust beside the usual ones. */
  readonly ca: string | null
}

/** What is known so far of an attempt, also when it is cut off in the middle; times are `performance.now()` differences. */
export interface Progress {
  dns: number | null
  connect: number | null
  tls: number | null
  firstByte: number | null
  address: string | null
}

export class DialFailed extends Data.TaggedError("DialFailed")<{ readonly failure: ExchangeFailure }> {}

/** With more addresses to try, one that does not answer is not waited for longer than this. */
const addressLimit = "4 seconds"

const codeOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "code" in error && typeof error.code === "string" ? error.code : ""

/** By the system's word for it. */
export const failureOf = (error: unknown): ExchangeFailure => {
  const code = codeOf(error)
  if (code === "ECONNREFUSED") return "connection-refused"
  if (["ENETUNREACH", "EHOSTUNREACH", "ENETDOWN", "EADDRNOTAVAIL"].includes(code)) return "no-route"
  if (["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"].includes(code)) return "out-of-sockets"
  if (["ECONNRESET", "EPIPE", "UND_ERR_SOCKET", "UND_ERR_DESTROYED", "UND_ERR_CLOSED"].includes(code)) return "connection-lost"
  if (code.startsWith("ERR_TLS") || code.startsWith("ERR_SSL") || code.startsWith("EPROTO") || /CERT|SELF_SIGNED|ISSUER|CRL|HOSTNAME/.test(code)) return "tls-failed"
  if ((error instanceof Error && error.name === "HTTPParserError") || code.startsWith("UND_ERR_H") || code.startsWith("UND_ERR_RES")) return "bad-response"
  return "connection-failed"
}

const refusalOf = ({ reason }: AddressError): DialFailed =>
  new DialFailed({
    failure: AddressReason.$match(reason, {
      Malformed: () => "url-refused" as const,
      Refused: () => "url-refused" as const,
      NotFound: () => "host-not-found" as const,
      Unresolved: () => "host-unresolved" as const,
      ResolverAway: () => "resolver-unavailable" as const
    })
  })

const timed = <A, E>(note: (millis: number) => void, effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.suspend(() => {
    const began = performance.now()
    return Effect.tap(effect, () => Effect.sync(() => note(performance.now() - began)))
  })

/** A socket that is open when it is handed on, and closed when the wait for it is broken off. */
const opened = (make: () => Socket, event: "connect" | "secureConnect"): Effect.Effect<Socket, DialFailed> =>
  Effect.callback<Socket, DialFailed>((resume) => {
    const socket = make()
    const failed = (error: unknown) => {
      socket.destroy()
      resume(Effect.fail(new DialFailed({ failure: failureOf(error) })))
    }
    const lost = () => failed({ code: "ECONNRESET" })
    socket.once("error", failed).once("close", lost)
    socket.once(event, () => {
      socket.off("error", failed).off("close", lost)
      // Until its user listens: an error without a listener would end the process.
      socket.on("error", () => {})
      resume(Effect.succeed(socket))
    })
    return Effect.sync(() => void socket.destroy())
  })

const tcp = ({ address, family }: { readonly address: string; readonly family: 0 | 4 | 6 }, port: number) =>
  opened(() => connectTcp({ host: address, port, family, noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 }), "connect")

const endOfHead = Buffer.from("\r\n\r\n")
const mostProxyHead = 8 * 1024

/** A tunnel to the checked address: the proxy has no name to resolve for itself. */
const throughProxy = (proxy: ForwardProxy, { address, family }: CheckedAddress, port: number): Effect.Effect<Socket, DialFailed> => {
  const authority = `${family === 6 ? `[${address}]` : address}:${port}`
  const authorization = proxy.authorization === null ? "" : `Proxy-Authorization: ${Redacted.value(proxy.authorization)}\r\n`
  const failed = new DialFailed({ failure: "proxy-failed" })
  return tcp({ address: proxy.host, family: 0 }, proxy.port).pipe(
    Effect.mapError(() => failed),
    Effect.flatMap((socket) =>
      Effect.callback<Socket, DialFailed>((resume) => {
        let head = Buffer.alloc(0)
        const refuse = (error: DialFailed) => {
          socket.destroy()
          resume(Effect.fail(error))
        }
        const lost = () => refuse(failed)
        const read = (chunk: Buffer) => {
          head = Buffer.concat([head, chunk])
          const end = head.indexOf(endOfHead)
          if (end === -1) return head.length > mostProxyHead ? refuse(failed) : undefined
          const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head.toString("latin1"))?.[1] ?? 0)
          // What a proxy says when the far side cannot be reached is the far side's failure, its other refusals are its own.
          if (status === 502 || status === 503 || status === 504) return refuse(new DialFailed({ failure: "connection-failed" }))
          if (status < 200 || status > 299 || head.length > end + endOfHead.length) return refuse(failed)
          socket.off("data", read).off("close", lost).pause()
          resume(Effect.succeed(socket))
        }
        socket.on("data", read).once("close", lost)
        socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${authorization}\r\n`)
        return Effect.sync(() => void socket.destroy())
      })
    )
  )
}

const secured = (socket: Socket, target: WebhookTarget, name: string | null, ca: string | null): Effect.Effect<Socket, DialFailed> =>
  opened(() =>
    connectTls({
      socket,
      // A literal address has no place in SNI; the certificate must name it all the same.
      servername: name ?? "",
      host: target.hostname,
      ALPNProtocols: ["http/1.1"],
      ...(ca === null ? {} : { ca })
    }), "secureConnect").pipe(Effect.mapError(({ failure }) => new DialFailed({ failure: failure === "connection-failed" ? "tls-failed" : failure })))

/**
 * A connection to the target: its host is asked about once, and the addresses that were let through are dialled, one after
 * the other. Closed when it is interrupted.
 */
export const dial = (target: WebhookTarget, { ca, guard, proxy }: DialOptions, progress: Progress): Effect.Effect<Socket, DialFailed> =>
  Effect.gen(function*() {
    const noteLookup = (millis: number) => void (progress.dns = target.host._tag === "Name" ? millis : null)
    const { addresses, name } = yield* timed(noteLookup, guard.check(target.hostname, "webhook")).pipe(
      Effect.catch((error) => Effect.fail(refusalOf(error)))
    )
    const reach = (address: CheckedAddress) => {
      progress.address = address.address
      return timed((millis) => void (progress.connect = millis), proxy === null ? tcp(address, target.port) : throughProxy(proxy, address, target.port))
    }
    const inTurn = ([address, ...others]: NonEmptyReadonlyArray<CheckedAddress>): Effect.Effect<Socket, DialFailed> => {
      const reached = Effect.suspend(() => reach(address))
      if (!isReadonlyArrayNonEmpty(others)) return reached
      return reached.pipe(
        Effect.timeoutOrElse({ duration: addressLimit, orElse: () => Effect.fail(new DialFailed({ failure: "connection-failed" })) }),
        // No route to an address of one family says nothing where the other family's was tried as well.
        Effect.catch((earlier) => Effect.mapError(inTurn(others), (later) => later.failure === "no-route" ? earlier : later))
      )
    }
    const socket = yield* inTurn(addresses)
    if (!target.secure) return socket
    return yield* timed((millis) => void (progress.tls = millis), secured(socket, target, name, ca)).pipe(
      Effect.onError(() => Effect.sync(() => void socket.destroy()))
    )
  })
