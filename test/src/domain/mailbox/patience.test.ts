import { Duration } from "effect"
import { describe, expect, it } from "vitest"
import { afterRefusal } from "../../../../src/domain/mailbox/loginRefusals.ts"
import { waitAfterTry } from "../../../../src/domain/mailbox/mailTries.ts"

describe("patience with mailboxes", () => {
  it("counts refused logins down, waits longer each time, and pauses before a provider would lock the account", () => {
    const answers = [0, 1, 2, 3].map((before) => afterRefusal(before, "the password was refused by imap.example.com"))
    expect(answers.map(({ paused }) => paused)).toEqual([false, false, false, true])
    expect(answers[0]?.sentence).toBe("the password was refused by imap.example.com; 3 more tries, then the sync pauses so that the account is not locked")
    expect(answers.map(({ pause }) => pause === null ? null : Duration.toMinutes(pause))).toEqual([15, 60, 360, null])
  })

  it("gives a mail four tries", () => {
    expect([1, 2, 3, 4].map((tries) => waitAfterTry(tries) === null)).toEqual([false, false, false, true])
  })
})
