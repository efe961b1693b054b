import { Duration, Effect, Layer, Redacted } from "effect"
import type { ImapFlow, ImapFlowOptions } from "imapflow"
import { attributes } from "../../src/observability/attributes.ts"
import { AddressGuard, type AddressError } from "../../src/services/AddressGuard.ts"
import { type ConnectStep, MailError, MailReason, MailServers, type MailTarget } from "../../src/services/MailServers.ts"
import { loadInTurns } from "../process/loadInTurns.ts"
import { answerLimit, leave, makeSession } from "./ImapSession.ts"
import { toMailError } from "./mailErrors.ts"
import { pinnedTransport } from "./pinnedTransport.ts"

export interface ImapOptions {
  /** Ports beside 993 and 143 that the operator allows. */
  readonly ports: ReadonlyArray<number>
  /** For TCP and TLS together; 15 s unless told. */
  readonly connectLimit?: Duration.Duration
  /** From the first packet to being logged in; 45 s unless told (Dovecot lets a refused login wait for seconds). */
  readonly loginLimit?: Duration.Duration
  /** One command's answer; 60 s unless told. */
  readonly answerLimit?: Duration.Duration
}

/** Ports that IMAP has of its own (RFC 9051, RFC 8314). */
const usualPorts = [993, 143]

/** An answer beyond this is an attack or a fault: a window of a part, or a whole part from a server that knows no windows. */
const literalLimit = 44 * 1024 * 1024
/** A BODYSTRUCTURE with 10,000 parts has 1 to 2 MiB; a SEARCH with a million mails 8 MiB. */
const lineLimit = 16 * 1024 * 1024

const reasonOf = ({ reason }: AddressError): MailReason =>
  reason._tag === "Malformed" || reason._tag === "Refused"
    ? MailReason.AddressRefused()
    : reason._tag === "NotFound"
    ? MailReason.HostUnknown()
    : MailReason.Unreachable()

/** What imapflow stands on; it takes 75 ms in one go. */
const parts = ["node:tls", "libmime", "pino", "socks", "./tools.js", "./imap-commands.js"]

const offersTokensOnly = ({ capabilities }: ImapFlow): boolean =>
  (capabilities.has("AUTH=XOAUTH2") || capabilities.has("AUTH=OAUTHBEARER")) && !capabilities.has("AUTH=PLAIN") && !capabilities.has("AUTH=LOGIN")

/** `MailServers` by imapflow, which is loaded at the first connection. */
export const layer = (options: ImapOptions): Layer.Layer<MailServers, never, AddressGuard> =>
  Layer.effect(
    MailServers,
    Effect.gen(function*() {
      const guard = yield* AddressGuard
      const library = yield* Effect.cached(loadInTurns("imapflow", parts, () => import("imapflow")))
      const connectLimit = options.connectLimit ?? Duration.seconds(15)
      const loginLimit = options.loginLimit ?? Duration.seconds(45)
      const patience = options.answerLimit ?? answerLimit

      const connect = Effect.fn("MailServers.connect", { kind: "client" })(function*(target: MailTarget) {
        const { host, login, port } = target
        yield* Effect.annotateCurrentSpan({ [attributes.serverAddress]: host, [attributes.serverPort]: port })
        const progress: { step: ConnectStep } = { step: "dns" }
        const failed = (at: ConnectStep, reason: MailReason) => new MailError({ host, step: at, reason })
        if (!usualPorts.includes(port) && !options.ports.includes(port)) return yield* failed("connect", MailReason.PortRefused({ port }))
        const checked = yield* guard.check(host, "mailbox").pipe(Effect.mapError((error) => failed("dns", reasonOf(error))))
        const { ImapFlow } = yield* library

        const dial = (address: string) =>
          Effect.gen(function*() {
            const settings: ImapFlowOptions = {
              host: checked.name ?? address,
              port,
              secure: target.security === "tls",
              doSTARTTLS: target.security === "starttls",
              auth: login._tag === "Password"
                ? { user: login.user, pass: Redacted.value(login.password) }
                : { user: login.user, accessToken: Redacted.value(login.token) },
              transport: pinnedTransport({
                address,
                host: checked.name ?? address,
                ca: target.ca,
                fingerprint: target.fingerprint?.replaceAll(":", "").toUpperCase() ?? null,
                reached: (at) => {
                  progress.step = at
                }
              }),
              logger: false,
              disableAutoIdle: true,
              disableAutoEnable: true,
              disableIMAP4rev2: true,
              // What is packed could grow without bound.
              disableCompression: true,
              connectionTimeout: Duration.toMillis(connectLimit),
              greetingTimeout: Duration.toMillis(connectLimit),
              socketTimeout: Duration.toMillis(patience) * 2,
              maxLiteralSize: literalLimit,
              maxLineLength: lineLimit,
              maxResponseSize: literalLimit + lineLimit,
              maxResponseTokens: 500_000,
              clientInfo: { name: "tt-worker" }
            }
            const client = yield* Effect.acquireRelease(Effect.sync(() => new ImapFlow(settings)), leave)
            // Without a listener Node ends the process; the command under way says what happened.
            client.on("error", () => undefined)
            const fail = (at: ConnectStep, waited: Duration.Duration) =>
              toMailError({ host, step: at, byPassword: login._tag === "Password", patience: waited, tokensOnly: offersTokensOnly(client) })
            yield* Effect.tryPromise({ try: () => client.connect(), catch: (cause) => fail(progress.step, connectLimit)(cause) }).pipe(
              Effect.onInterrupt(() => Effect.sync(() => client.close())),
              Effect.timeoutOrElse({
                duration: loginLimit,
                orElse: () => Effect.suspend(() => Effect.fail(failed(progress.step, MailReason.Silent({ after: loginLimit }))))
              })
            )
            return makeSession({ client, host, fail, answerLimit: patience })
          })

        const [first, second] = checked.addresses
        const reached = dial(first.address)
        // Where one of two addresses cannot be reached, the other may: a name with IPv6 in a network without.
        return yield* second === undefined
          ? reached
          : Effect.catchIf(reached, (error) => error.reason._tag === "Unreachable", () => dial(second.address))
      })

      return MailServers.of({ connect })
    })
  )
