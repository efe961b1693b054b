import { assert, describe, it } from "@effect/vitest"
import { type AskedJob, checkLedger } from "../../chaos/ledger/checkLedger.ts"
import type { LedgerEntry } from "../../chaos/ledger/LedgerEntry.ts"

const job = (change: Partial<AskedJob> = {}): AskedJob => ({ invoiceId: "i1", about: "waiting in the queue", expected: "processed", ...change })

const entry = (change: Partial<LedgerEntry>): LedgerEntry => ({
  invoiceId: "i1",
  at: 1_000,
  from: "nouveau",
  to: "processing",
  fieldsChanged: false,
  epoch: 1,
  generation: 1,
  clientPort: 1,
  ...change
})

const workers: Readonly<Record<number, string>> = { 1: "A", 2: "B" }
const workerOf = (port: number | null): string => (port === null ? undefined : workers[port]) ?? "somebody else"
const check = (entries: ReadonlyArray<LedgerEntry>, status: string, asked: AskedJob = job(), errorCode: string | null = null, queued: ReadonlyArray<string> = []) =>
  checkLedger([asked], entries, [{ invoiceId: "i1", status, errorCode }], new Set(queued), workerOf)

const begun = entry({})
const done = entry({ from: "processing", to: "processed", fieldsChanged: true })

describe("the ledger of a run", () => {
  it("finds nothing wrong with an invoice that was taken over by a second worker and processed once", () => {
    const second = [entry({ from: "processing", epoch: 2, clientPort: 2 }), { ...done, epoch: 2, clientPort: 2 }]
    assert.deepStrictEqual(check([begun, ...second], "processed"), { lost: [], doubled: [], wrong: [] })
  })

  it("counts what nobody has begun, what was left in `processing` and what has disappeared as lost", () => {
    assert.deepStrictEqual(check([], "nouveau").lost, ["waiting in the queue (i1): still `nouveau`, nobody has begun it"])
    assert.deepStrictEqual(check([begun], "processing").lost, ["waiting in the queue (i1): left in `processing`"])
    assert.strictEqual(checkLedger([job()], [], [], new Set(), workerOf).lost.length, 1)
  })

  it("lets one of a crowd wait, but not be left behind without a job", () => {
    const crowd = job({ expected: null })
    assert.deepStrictEqual(check([], "nouveau", crowd, null, ["i1"]), { lost: [], doubled: [], wrong: [] })
    assert.strictEqual(check([begun], "processing", crowd).lost.length, 1)
  })

  it("does not call lost what a job still waits for, only late", () => {
    assert.deepStrictEqual(check([begun], "processing", job(), null, ["i1"]), {
      lost: [],
      doubled: [],
      wrong: ["waiting in the queue (i1): not through in time: `processing`, its job waits"]
    })
  })

  it("sees an invoice that was processed twice in one generation, and allows it in two", () => {
    const again = [entry({ from: "processed", epoch: 2 }), { ...done, epoch: 2 }]
    assert.include(check([begun, done, ...again], "processed").doubled.join(), "processed 2 times in generation 1")
    const asked = again.map((each) => ({ ...each, generation: 2 }))
    assert.notInclude(check([begun, done, ...asked], "processed").doubled.join(), "processed 2 times")
  })

  it("sees fields written after the invoice was processed", () => {
    const late = entry({ from: "processed", to: "processed", fieldsChanged: true })
    assert.include(check([begun, done, late], "processed").doubled.join(), "written 1 times after it was processed")
  })

  it("sees a revived worker that writes with an older token", () => {
    const taken = entry({ from: "processing", epoch: 2, clientPort: 2 })
    assert.include(check([begun, taken, done], "processed").doubled.join(), "A wrote with epoch 1 after epoch 2")
  })

  it("sees two workers that write with the same token", () => {
    assert.include(check([begun, { ...done, clientPort: 2 }], "processed").doubled.join(), "epoch 1 of A was written by B too")
  })

  it("tells an end that was not expected, with its code", () => {
    const failed = entry({ from: "processing", to: "error" })
    assert.deepStrictEqual(check([begun, failed], "error", job(), "time-limit").wrong, [
      "waiting in the queue (i1): ended in `error` (time-limit) instead of `processed`"
    ])
    assert.strictEqual(check([begun, done], "processed", job({ expected: "error" })).wrong.length, 1)
  })
})
