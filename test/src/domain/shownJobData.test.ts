import { describe, expect, it } from "vitest"
import { shownJobData, shownText } from "../../../src/domain/shownJobData.ts"

describe("a job's data on the board", () => {
  it("shows ids, and of an address only where it leads", () => {
    expect(shownJobData({ tenantId: "t", webhookId: "w", url: "https://hooks.slack.com/services/T0/B0/XXXX", secret: "s", payload: { supplier: "Dupont" }, event: "invoice.processed" }))
      .toEqual({ tenantId: "t", webhookId: "w", url: "https://hooks.slack.com/…", secret: "…", payload: "…", event: "invoice.processed" })
  })

  it("hides what is not known, and what is no object", () => {
    expect(shownJobData({ password: "p", url: "no address" })).toEqual({ password: "…", url: "…" })
    expect(shownJobData("secret")).toBe("…")
    expect(shownJobData(["secret"])).toBe("…")
    expect(shownJobData(null)).toBe(null)
  })
})

describe("a sentence for people who look at queues", () => {
  it("keeps what happened, and neither the path of an address nor a mailbox's name", () => {
    expect(shownText("POST https://u:p@hooks.slack.com/services/T0/B0?x=1 answered 500; imaps://mail.example.org/INBOX of facture@example.fr refused"))
      .toBe("POST https://hooks.slack.com/… answered 500; … of …@… refused")
    expect(shownText("invoice-not-found: tenant t has no invoice i")).toBe("invoice-not-found: tenant t has no invoice i")
  })
})
