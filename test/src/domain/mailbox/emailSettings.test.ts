import { Redacted } from "effect"
import { describe, expect, it } from "vitest"
import { readEmailSettings } from "../../../../src/domain/mailbox/emailSettings.ts"

const entry = { email: "Factures@Firme.example", host: "imap.firme.example", port: 993, user: "factures", password: "geheim" }

describe("a tenant's email settings", () => {
  it("are one mailbox or a list, as the admin's form has always written them", () => {
    const one = readEmailSettings(entry)
    expect(one.notTakenOver).toEqual([])
    expect(one.mailboxes).toEqual(readEmailSettings([entry]).mailboxes)
    expect(one.mailboxes[0]).toMatchObject({ id: "factures@firme.example at imap.firme.example", security: "tls", enabled: true, intervalMinutes: 5, folders: ["INBOX"], user: "factures" })
  })

  it("may leave out the user, give the port as text, and name STARTTLS by its port", () => {
    const [box] = readEmailSettings({ email: "a@b.example", host: "mail.b.example", port: "143", password: "x", id: "7" }).mailboxes
    expect(box).toMatchObject({ id: "7", user: "a@b.example", port: 143, security: "starttls" })
  })

  it.each([null, undefined, {}, []])("may be nothing at all (%j)", (settings) => {
    expect(readEmailSettings(settings)).toMatchObject({ mailboxes: [], notTakenOver: [] })
  })

  it("leave an entry that cannot be used alone, say which and why without its values, and keep the others", () => {
    const { mailboxes, notTakenOver } = readEmailSettings([
      { ...entry, port: 99_999 },
      { email: "c@d.example", host: "http://d.example/", password: "geheim" },
      { email: "e@f.example", host: "f.example" },
      "what is this",
      entry,
      { ...entry, host: "IMAP.firme.example" }
    ])
    expect(mailboxes).toHaveLength(1)
    expect(notTakenOver.map(({ email, place }) => [place, email])).toEqual([[1, "Factures@Firme.example"], [2, "c@d.example"], [3, "e@f.example"], [4, null], [6, "Factures@Firme.example"]])
    expect(notTakenOver[2]?.problem).toContain("a password or oauth2 is needed")
    expect(notTakenOver[4]?.problem).toContain("the same id")
    expect(JSON.stringify(notTakenOver)).not.toContain("geheim")
  })

  it("show no password to whoever prints them", () => {
    const accounts = readEmailSettings(entry)
    expect(JSON.stringify(accounts)).not.toContain("geheim")
    const credentials = accounts.mailboxes[0]?.credentials
    expect(credentials?._tag === "Password" ? Redacted.value(credentials.password) : null).toBe("geheim")
  })
})
