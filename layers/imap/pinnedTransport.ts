import { connect as connectPlain, isIP, Socket } from "node:net"
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from "node:tls"
import type { ImapFlowOptions } from "imapflow"
import type { ConnectStep } from "../../src/services/MailServers.ts"

type Transport = NonNullable<ImapFlowOptions["transport"]>

/** The server's certificate is not the one that the mailbox's settings name. */
export class OtherCertificate extends Error {
  readonly code = "OTHER_CERTIFICATE"
}

export interface Pin {
  /** The one address that is dialled: the address guard has seen it. */
  readonly address: string
  /** Whose certificate is asked for and checked. */
  readonly host: string
  readonly ca: string | null
  /** SHA-256 in hexadecimal without colons, upper case; then the certificate's signer and name do not matter. */
  readonly fingerprint: string | null
  /** Says how far the connection has come. */
  readonly reached: (step: ConnectStep) => void
}

/** Dials one address and checks the certificate before a byte of IMAP passes: against the system's authorities, the mailbox's own, or its fingerprint. */
export const pinnedTransport = (pin: Pin): Transport => {
  const options: ConnectionOptions = {
    host: pin.address,
    ...(isIP(pin.host) === 0 ? { servername: pin.host } : { host: pin.host }),
    ...(pin.ca === null ? {} : { ca: pin.ca }),
    rejectUnauthorized: pin.fingerprint === null
  }
  const checked = (socket: TLSSocket, then: () => void) => {
    const found = socket.getPeerCertificate().fingerprint256?.replaceAll(":", "").toUpperCase()
    if (pin.fingerprint !== null && found !== pin.fingerprint) {
      socket.destroy(new OtherCertificate("the server's certificate has another fingerprint"))
    } else {
      pin.reached("login")
      then()
    }
  }
  const secured = (socket: TLSSocket, then: () => void): TLSSocket => socket.once("secureConnect", () => checked(socket, then))

  return {
    connect: ({ port, secure }, onConnect) => {
      pin.reached("connect")
      if (secure) {
        const socket = secured(connectTls({ ...options, host: pin.address, port }), onConnect)
        return socket.once("connect", () => pin.reached("tls"))
      }
      return connectPlain({ host: pin.address, port }).once("connect", () => {
        pin.reached("tls")
        onConnect()
      })
    },
    upgrade: (plain, _options, onSecure) => {
      if (!(plain instanceof Socket)) throw new TypeError("a connection of another transport")
      return secured(connectTls({ ...options, socket: plain }), onSecure)
    }
  }
}
