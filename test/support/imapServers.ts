import { Duration, Effect, Layer, Redacted } from "effect"
import * as ImapServers from "../../layers/imap/ImapServers.ts"
import { AddressGuard } from "../../src/services/AddressGuard.ts"
import type { MailServers, MailTarget } from "../../src/services/MailServers.ts"
import type { OwnDovecot } from "./ownDovecot.ts"

/** Every name is this machine. */
export const loopbackGuard: Layer.Layer<AddressGuard> = Layer.succeed(AddressGuard, {
  check: (host) => Effect.succeed({ name: /^[\d.]+$/.test(host) ? null : host, addresses: [{ address: "127.0.0.1", family: 4 }] })
})

/** The real client, allowed to use these ports, and less patient than in production. */
export const imapServersAt = (ports: ReadonlyArray<number>, patience: Duration.Duration = Duration.seconds(10)): Layer.Layer<MailServers> =>
  ImapServers.layer({ ports, connectLimit: patience, loginLimit: Duration.times(patience, 2), answerLimit: patience }).pipe(Layer.provide(loopbackGuard))

/** A user's mailbox on the test's Dovecot, changed where a test says so. */
export const targetOn = (
  dovecot: OwnDovecot["Service"],
  { password, user }: { readonly user: string; readonly password: string },
  change: Partial<MailTarget> = {}
): MailTarget => ({
  host: dovecot.host,
  port: dovecot.port,
  security: "tls",
  ca: dovecot.ca,
  fingerprint: null,
  login: { _tag: "Password", user, password: Redacted.make(password) },
  ...change
})
