import { Duration } from "effect"
import { describe, expect, it } from "vitest"
import { toMailError } from "../../../layers/imap/mailErrors.ts"

const at = (host = "imap.example.com", change: object = {}) =>
  toMailError({ host, step: "login", byPassword: true, patience: Duration.seconds(5), tokensOnly: false, ...change })

const refused = (responseText: string, serverResponseCode = "", more: object = {}) =>
  Object.assign(new Error("Command failed"), { authenticationFailed: true, responseStatus: "NO", responseText, serverResponseCode, executedCommand: "A1 LOGIN user secret", ...more })

describe("what a mail server says at a login", () => {
  it.each([
    ["Gmail", "Too many simultaneous connections. (Failure)", "ALERT"],
    ["Gmail", "Account exceeded command or bandwidth limits. (Failure)", "OVERQUOTA"],
    ["Gmail", "Temporary System Error", "UNAVAILABLE"],
    ["Microsoft", "User is authenticated but not connected.", ""],
    ["Microsoft", "Server Unavailable. 15", ""],
    ["Dovecot", "Maximum number of connections from user+IP exceeded (mail_max_userip_connections=10)", "UNAVAILABLE"],
    ["Cyrus", "Too many connections", "LIMIT"],
    ["anybody", "", "INUSE"]
  ])("is a pause, and no wrong password, when %s asks for fewer connections: %s", (_, text, code) => {
    const error = at()(refused(text, code))
    expect(error.reason._tag).toBe("Throttled")
    expect(error.retry._tag).toBe("RateLimited")
  })

  it("lasts as long as Microsoft says", () => {
    const error = at()(Object.assign(new Error(""), { code: "ETHROTTLE", throttleReset: 92_415 }))
    expect(error.retry).toMatchObject({ _tag: "RateLimited", after: Duration.millis(92_415) })
  })

  it.each([
    ["imap.gmail.com", "Application-specific password required: https://support.google.com/accounts/answer/185833 (Failure)", "ALERT"],
    ["imap.gmail.com", "Please log in via your web browser: https://support.google.com/mail/accounts/answer/78754 (Failure)", "WEBALERT"],
    ["outlook.office365.com", "LOGIN failed.", ""],
    ["imap-mail.outlook.com", "AUTHENTICATE failed.", "AUTHENTICATIONFAILED"]
  ])("asks for OAuth where %s takes no passwords", (host, text, code) => {
    const error = at(host)(refused(text, code))
    expect(error.reason._tag).toBe("NeedsOAuth")
    expect(error.plainWords).toContain("needs sign-in by OAuth")
  })

  it("is a refused password otherwise, and neither command nor answer is repeated", () => {
    const error = at()(refused("Invalid credentials for user@example.com", "AUTHENTICATIONFAILED"))
    expect(error.reason._tag).toBe("PasswordRefused")
    expect(`${error.message} ${JSON.stringify(error)} ${String(error.cause)}`).not.toMatch(/secret|user@example/)
  })

  it("is the sign-in's end when a token is refused", () => {
    expect(at("imap.gmail.com", { byPassword: false })(refused("Invalid credentials (Failure)", "AUTHENTICATIONFAILED")).reason._tag).toBe("TokenRefused")
  })

  it.each([["CERT_HAS_EXPIRED", "expired"], ["DEPTH_ZERO_SELF_SIGNED_CERT", "self-signed"], ["ERR_TLS_CERT_ALTNAME_INVALID", "another name"]])("says what is wrong with a certificate (%s)", (code, words) => {
    const error = at(undefined, { step: "tls" })(Object.assign(new Error(""), { code }))
    expect(error.plainWords).toContain(words)
    expect(error.retry._tag).toBe("Permanent")
  })

  it.each([["ECONNREFUSED", "Unreachable"], ["NoConnection", "Lost"], ["LiteralTooLarge", "Unreadable"], ["ParserError11", "Unreadable"], ["ETIMEOUT", "Silent"]])("tells %s apart", (code, tag) => {
    expect(at(undefined, { step: "folder" })(Object.assign(new Error(""), { code })).reason._tag).toBe(tag)
  })
})
