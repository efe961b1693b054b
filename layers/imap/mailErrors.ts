import { Duration, Predicate } from "effect"
import { type ConnectStep, MailError, MailReason } from "../../src/services/MailServers.ts"

/** The parts of imapflow's and Node's errors that say what happened. */
interface Fault {
  readonly code: string
  readonly text: string
  readonly responseCode: string
  readonly refusedLogin: boolean
  readonly status: string
  readonly mailboxMissing: boolean
  readonly throttledFor: number | null
  readonly command: string
}

const textOf = (value: unknown): string => typeof value === "string" ? value : ""

const faultOf = (cause: unknown): Fault => {
  const fields: Record<string, unknown> = Predicate.isObject(cause) ? { ...cause } : {}
  const inner: Record<string, unknown> = Predicate.isObject(fields["_err"]) ? { ...fields["_err"] } : {}
  return {
    code: textOf(fields["code"]) || textOf(inner["code"]),
    text: [fields["responseText"], fields["response"], fields["reason"], cause instanceof Error ? cause.message : ""].map(textOf).join(" "),
    responseCode: textOf(fields["serverResponseCode"]).toUpperCase(),
    refusedLogin: fields["authenticationFailed"] === true,
    status: textOf(fields["responseStatus"]),
    mailboxMissing: fields["mailboxMissing"] === true,
    throttledFor: typeof fields["throttleReset"] === "number" ? fields["throttleReset"] : null,
    command: textOf(fields["executedCommand"]).split(" ").slice(1, 3).join(" ")
  }
}

/** Response codes that speak of the moment and not of the account (RFC 5530, RFC 9051; OVERQUOTA as Gmail uses it at login). */
const passingCodes = new Set(["LIMIT", "OVERQUOTA", "UNAVAILABLE", "INUSE", "SERVERBUG", "CONTACTADMIN"])

/**
 * Gmail: "Too many simultaneous connections", "Account exceeded command or bandwidth limits", "Temporary System Error";
 * Microsoft: "User is authenticated but not connected", "Server Unavailable", "Request is throttled"; Dovecot and
 * Courier: "Maximum number of connections … exceeded".
 */
const throttling =
  /too many|connection limit|maximum (number of )?(user )?(\S+ )?connections|exceeded (command|bandwidth)|command or bandwidth|rate.?limit|throttl|authenticated but not connected|try again (later|in)|temporar|server (is )?(busy|unavailable)|system error|lock(ed)? out|overquota/i

const needsOAuth = /application-specific password|app(lication)? password|web.?login|log ?in via your (web )?browser|basic auth(entication)? (is )?(disabled|blocked|not)|oauth|modern auth|logon denied.*policy/i

/** Microsoft ended passwords for IMAP in all its services (Exchange Online in 2022, Outlook.com in 2024). */
const withoutPasswords = /(^|\.)(office365\.com|outlook\.com|hotmail\.com|live\.com|office\.com)$/i

const pauseOf = (fault: Fault): Duration.Duration => {
  const told = fault.throttledFor ?? (Number(/backoff time[:=\s]+(\d+)/i.exec(fault.text)?.[1] ?? 0) || null)
  if (told !== null) return Duration.millis(Math.min(Math.max(told, 1_000), 3_600_000))
  // Gmail's bandwidth limits last for hours: asked again seldom.
  return /bandwidth|overquota/i.test(`${fault.text} ${fault.responseCode}`) ? Duration.minutes(15) : Duration.minutes(2)
}

const isThrottled = (fault: Fault): boolean => fault.code === "ETHROTTLE" || passingCodes.has(fault.responseCode) || throttling.test(fault.text)

const certificateProblem = (fault: Fault): string | null => {
  switch (fault.code) {
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
    case "SELF_SIGNED_CERT_IN_CHAIN":
      return "its certificate is self-signed; give the certificate or its fingerprint in the settings"
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
    case "UNABLE_TO_GET_ISSUER_CERT":
    case "CERT_UNTRUSTED":
    case "CERT_SIGNATURE_FAILURE":
      return "its certificate is not signed by an authority that is trusted"
    case "CERT_HAS_EXPIRED":
      return "its certificate has expired"
    case "CERT_NOT_YET_VALID":
      return "its certificate is not valid yet"
    case "CERT_REVOKED":
      return "its certificate was revoked"
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return "its certificate is for another name"
    case "OTHER_CERTIFICATE":
      return "its certificate has another fingerprint than the settings say"
    default:
      return null
  }
}

const timeouts = new Set(["CONNECT_TIMEOUT", "GREETING_TIMEOUT", "UPGRADE_TIMEOUT", "ETIMEOUT", "ETIMEDOUT"])
const unreachable = new Set(["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "EHOSTDOWN", "EADDRNOTAVAIL", "EACCES", "EPERM"])
const unreadable = /^(ParserError|MAX_IMAP|LineTooLarge|LiteralTooLarge|ResponseTooLarge|TooMany|InvalidResponse|ResponseProcessingFailed|UnexpectedTag|MissingTag)/

export interface Circumstances {
  readonly host: string
  readonly step: ConnectStep
  readonly byPassword: boolean
  /** For how long an answer is waited for. */
  readonly patience: Duration.Duration
  /** Whether the server offers sign-in by tokens and no passwords. */
  readonly tokensOnly: boolean
}

const loginReason = (fault: Fault, { byPassword, host, tokensOnly }: Circumstances): MailReason => {
  if (isThrottled(fault)) return MailReason.Throttled({ after: pauseOf(fault) })
  if (!byPassword) return MailReason.TokenRefused()
  return tokensOnly || withoutPasswords.test(host) || needsOAuth.test(fault.text) ? MailReason.NeedsOAuth() : MailReason.PasswordRefused()
}

const reasonOf = (fault: Fault, circumstances: Circumstances): MailReason => {
  const { patience, step } = circumstances
  const certificate = certificateProblem(fault)
  if (certificate !== null) return MailReason.TlsRefused({ problem: certificate })
  if (isThrottled(fault)) return MailReason.Throttled({ after: pauseOf(fault) })
  if (fault.refusedLogin || (step === "login" && /login is disabled|no matching authentication|privacyrequired/i.test(`${fault.text} ${fault.responseCode}`))) {
    return loginReason(fault, circumstances)
  }
  if (timeouts.has(fault.code)) return step === "connect" ? MailReason.Unreachable() : MailReason.Silent({ after: patience })
  if (unreachable.has(fault.code)) return MailReason.Unreachable()
  if (fault.code === "ENOTFOUND" || fault.code === "EAI_AGAIN" || fault.code === "ENODATA") return MailReason.HostUnknown()
  if (fault.code === "STARTTLS_INJECTION") return MailReason.TlsRefused({ problem: "somebody on the way interferes with the connection" })
  if (step === "tls") return MailReason.TlsRefused({ problem: "it does not speak TLS as it should on this port" })
  if (unreadable.test(fault.code)) return MailReason.Unreadable({ code: fault.code })
  if (fault.mailboxMissing) return MailReason.FolderMissing({ folder: "" })
  if (fault.status === "NO" || fault.status === "BAD") {
    return MailReason.Refused({ command: /^[A-Z ]{2,30}$/.test(fault.command) ? fault.command.trim() : "a command", code: /^[A-Z-]{2,30}$/.test(fault.responseCode) ? fault.responseCode : null })
  }
  return MailReason.Lost()
}

/**
 * Tells the error's reason. Limits come before refused logins: imapflow reports "too many connections" as a failed
 * login, and a healthy account must not be paused for it. The cause stays out: it quotes commands and answers.
 */
export const toMailError = (circumstances: Circumstances) => (cause: unknown): MailError => {
  if (cause instanceof MailError) return cause
  const { host, step } = circumstances
  return new MailError({ host, step, reason: reasonOf(faultOf(cause), circumstances) })
}
