import { Data } from "effect"

/**
 * Why no answer came, or none that counts. `ours` are failures of our own side: they say nothing about the receiver and
 * use up no attempt.
 */
export const exchangeFailures = {
  "url-refused": { ours: false, final: true, says: "the address must not be called" },
  "host-not-found": { ours: false, final: false, says: "the host has no address" },
  "host-unresolved": { ours: false, final: false, says: "the host's name servers do not answer" },
  "connection-refused": { ours: false, final: false, says: "nothing listens there" },
  "connection-failed": { ours: false, final: false, says: "no connection could be made" },
  "connection-lost": { ours: false, final: false, says: "the connection broke" },
  "tls-failed": { ours: false, final: false, says: "the certificate or the TLS handshake is not in order" },
  timeout: { ours: false, final: false, says: "no whole answer within the time limit" },
  "bad-response": { ours: false, final: false, says: "the answer is no HTTP that could be understood" },
  "resolver-unavailable": { ours: true, final: false, says: "our resolver does not answer" },
  "no-route": { ours: true, final: false, says: "we have no route there" },
  "out-of-sockets": { ours: true, final: false, says: "this process has no connection left" },
  "proxy-failed": { ours: true, final: false, says: "our forward proxy does not let us through" },
  "secret-unusable": { ours: false, final: true, says: "the webhook's secret cannot be used to sign" },
  "body-changed": { ours: false, final: true, says: "the stored body is not the one that was first sent" },
  internal: { ours: false, final: false, says: "a fault on our side" }
} as const
export type ExchangeFailure = keyof typeof exchangeFailures

/** What an attempt came to. */
export type Outcome = Data.TaggedEnum<{
  Delivered: {}
  /** Counts as an attempt. `final`: the same bytes would be refused again. `slowsEndpoint`: whatever else waits for it waits longer. */
  Failed: { readonly errorClass: string; readonly final: boolean; readonly slowsEndpoint: boolean; readonly disables: boolean }
  OwnSide: { readonly errorClass: ExchangeFailure }
}>
export const Outcome = Data.taggedEnum<Outcome>()

/**
 * The receiver understood and will not have it: the same bytes get the same answer. What people change on their side
 * (401, 403, 404, 409, 451 …) and what passes by itself (408, 425, 429, 5xx) is tried again.
 */
const finalStatuses: ReadonlySet<number> = new Set([400, 405, 406, 411, 413, 414, 415, 417, 422, 426, 431, 501, 505])

/** Too much for it, or not there at the moment: whoever else has something for this endpoint waits as well. */
const slowingStatuses: ReadonlySet<number> = new Set([429, 502, 503, 504])

/** 410 Gone: the receiver says that it will not come back. */
const gone = 410

/** The one rule about what a status means. Redirects are not followed, and so count as a failure. */
export const judgeStatus = (status: number): Outcome =>
  status >= 200 && status < 300
    ? Outcome.Delivered()
    : Outcome.Failed({
      errorClass: `http-${status}`,
      final: status === gone || finalStatuses.has(status),
      slowsEndpoint: slowingStatuses.has(status),
      disables: status === gone
    })

/** What a missing answer means. An endpoint that cannot be reached, or hangs, is slowed down like one that says so. */
export const judgeFailure = (failure: ExchangeFailure): Outcome => {
  const { final, ours } = exchangeFailures[failure]
  return ours ? Outcome.OwnSide({ errorClass: failure }) : Outcome.Failed({ errorClass: failure, final, slowsEndpoint: false, disables: false })
}

/** Whether this says that the endpoint is down: for its circuit breaker. */
export const isDown = (outcome: Outcome): boolean =>
  outcome._tag === "Failed" && (outcome.slowsEndpoint || outcome.errorClass === "http-500" ||
    ["host-not-found", "host-unresolved", "connection-refused", "connection-failed", "connection-lost", "tls-failed", "timeout"].includes(outcome.errorClass))

/** A sentence for the admin who looks at the delivery. */
export const outcomeInWords = (errorClass: string): string => {
  const status = /^http-(\d{3})$/.exec(errorClass)?.[1]
  if (status === "410") return "The receiver answered 410 Gone: it wants no more deliveries, so the webhook was switched off."
  if (status !== undefined && status.startsWith("3")) return `The receiver answered with a redirect (${status}). Redirects are not followed; please enter the final address.`
  if (status !== undefined) return `The receiver answered with status ${status}.`
  return isExchangeFailure(errorClass) ? `Not delivered: ${exchangeFailures[errorClass].says}.` : "Not delivered."
}

const isExchangeFailure = (text: string): text is ExchangeFailure => text in exchangeFailures
