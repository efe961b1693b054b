import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { decideRun, type InvoiceState, type RunDecision } from "../../../src/domain/InvoiceStatus.ts"

const state = (change: Partial<InvoiceState>): InvoiceState => ({
  status: "nouveau",
  archived: false,
  claimedByOther: false,
  askedGeneration: 1,
  processedGeneration: 0,
  ...change
})

const generation = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 5 }))
const AnyState = Schema.Struct({
  status: Schema.Union([Schema.Literals(["nouveau", "processing", "processed", "error", "approved", "paid"]), Schema.String]),
  archived: Schema.Boolean,
  claimedByOther: Schema.Boolean,
  askedGeneration: generation,
  processedGeneration: generation
})

describe("whether a job may run on an invoice", () => {
  it.each<readonly [string, Partial<InvoiceState>, RunDecision]>([
    ["a new one", { status: "nouveau" }, "run"],
    ["a new one that somebody has just taken", { status: "nouveau", claimedByOther: true }, "wait-for-other"],
    ["one that failed", { status: "error" }, "run"],
    ["one that failed and is being tried by somebody", { status: "error", claimedByOther: true }, "wait-for-other"],
    ["one in processing whose worker is dead", { status: "processing" }, "run"],
    ["one in processing whose worker is alive", { status: "processing", claimedByOther: true }, "wait-for-other"],
    ["one that an older worker processed", { status: "processed" }, "already-processed"],
    ["the same job twice", { status: "processed", processedGeneration: 1 }, "already-processed"],
    ["one that somebody asked for again", { status: "processed", processedGeneration: 1, askedGeneration: 2 }, "run"],
    ["one that an older worker processed and somebody asked for again", { status: "processed", askedGeneration: 2 }, "run"],
    ["the second asking, delivered twice", { status: "processed", processedGeneration: 2, askedGeneration: 2 }, "already-processed"],
    ["an asking that a later one overtook", { status: "processed", processedGeneration: 3, askedGeneration: 2 }, "already-processed"],
    ["an approved one", { status: "approved" }, "belongs-to-people"],
    ["an approved one that somebody asked for again", { status: "approved", askedGeneration: 9 }, "belongs-to-people"],
    ["a paid one", { status: "paid" }, "belongs-to-people"],
    ["one in a status that the product may add", { status: "disputed" }, "belongs-to-people"],
    ["one in a status of other letters", { status: "NOUVEAU" }, "belongs-to-people"],
    ["an archived new one", { status: "nouveau", archived: true }, "archived"],
    ["an archived one in processing", { status: "processing", archived: true }, "archived"]
  ])("%s", (_, change, decision) => {
    assert.strictEqual(decideRun(state(change)), decision)
  })

  it.prop("never on what people have decided", [AnyState], ([any]) => {
    const workers = ["nouveau", "processing", "processed", "error"]
    if (any.archived || !workers.includes(any.status)) assert.include(["archived", "belongs-to-people"], decideRun(any))
  })

  it.prop("never beside somebody who is at it, and never twice for one generation", [AnyState], ([any]) => {
    if (decideRun(any) !== "run") return
    assert.isTrue(any.status === "processed" || !any.claimedByOther)
    assert.isTrue(any.status !== "processed" || any.askedGeneration > any.processedGeneration)
    assert.notStrictEqual(decideRun({ ...any, status: "processed", processedGeneration: any.askedGeneration }), "run")
  })
})
