import { assert, layer } from "@effect/vitest"
import { Duration, Effect, Schema } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { nothingUsed } from "../../../src/domain/ProviderEngine.ts"
import { retentionPeriods } from "../../../src/domain/retentionPeriods.ts"
import { Invoices } from "../../../src/services/Invoices.ts"
import { PaidCallOpening, type PaidCallRequest, PaidCalls } from "../../../src/services/PaidCalls.ts"
import { RetentionStores } from "../../../src/services/RetentionStores.ts"
import { Usage } from "../../../src/services/Usage.ts"
import { ownTables } from "../../support/invoiceTables.ts"
import { bookOf, claim, claimedInvoice, engine, request, secondInvoice } from "../../support/paidCalls.ts"

const begin = (asked: PaidCallRequest) => PaidCalls.use((calls) => calls.begin(asked))
const begun = Effect.fnUntraced(function*(asked: PaidCallRequest) {
  const opening = yield* begin(asked)
  return opening._tag === "Begun" ? opening.callId : yield* Effect.die(new Error(`not begun but ${opening._tag}`))
})
const usage = { ...nothingUsed, inputTokens: 1_200, outputTokens: 300 }
const answer = (asked: PaidCallRequest, callId: string, text = "fields", isGood = true) =>
  PaidCalls.use((calls) => calls.answered(asked, callId, { answer: text, isGood, usage, cost: 700 }))
const fail = (asked: PaidCallRequest, callId: string, mayBeBilled: boolean) =>
  PaidCalls.use((calls) => calls.failed(asked, callId, { code: "extraction-unavailable", mayBeBilled }))
const paid = Effect.fnUntraced(function*(asked: PaidCallRequest, text = "fields", isGood = true) {
  yield* answer(asked, yield* begun(asked), text, isGood)
})
const tagOf = (asked: PaidCallRequest) => Effect.map(begin(asked), ({ _tag }) => _tag)
/** Everything that is tidied up, with the periods that it has. */
const sweep = RetentionStores.use(({ all }) =>
  Effect.forEach(all, ({ forget, name }) => forget({ olderThan: retentionPeriods[name].keep, limit: 100 }), { discard: true }))
const none = { begun: 0, answered: 0, failed: 0, uncertain: 0, pages: 0, input: 0, output: 0, cost: 0, reserved: 0, uncertainCost: 0, provider: "openai" }

layer(ownTables, { excludeTestServices: true })("the book of paid calls", (it) => {
  it.effect("keeps an answer for every invoice of the tenant with the same file, and for nobody else", () =>
    Effect.gen(function*() {
      const calls = yield* PaidCalls
      const mine = yield* claimedInvoice()
      assert.isNull(yield* calls.look(request(mine)))
      yield* paid(request(mine))
      const known = PaidCallOpening.Known({ answer: "fields" })
      const mySecond = yield* secondInvoice(mine.tenantId)
      for (const asked of [request(mine), request(mySecond)]) {
        assert.deepStrictEqual([yield* calls.look(asked), yield* begin(asked)], [known, known])
      }
      const theirs = yield* claimedInvoice()
      const others: ReadonlyArray<PaidCallRequest> = [
        request(theirs),
        request(mine, { sha256: "bb22" }),
        request(mine, { step: "repair" }),
        request(mine, { input: "tesseract" }),
        request(mine, { engine: { ...engine, version: "prompt 2" } }),
        request(mine, { engine: { ...engine, model: "gpt-5" } })
      ]
      for (const asked of others) assert.deepStrictEqual([yield* calls.look(asked), yield* tagOf(asked)], [null, "Begun"])
    }))

  it.effect("takes an answer that is of no use for this invoice and its job only", () =>
    Effect.gen(function*() {
      const invoice = yield* claimedInvoice()
      yield* paid(request(invoice), "refused", false)
      assert.strictEqual(yield* tagOf(request(invoice)), "Known", "a retry")
      assert.strictEqual(yield* tagOf(request(yield* secondInvoice(invoice.tenantId))), "Begun", "another invoice")
      const again = request(invoice, { sha256: "dd" })
      yield* paid(again, "refused", false)
      const taken = yield* claim(invoice)
      assert.strictEqual(yield* tagOf(again), "Known", "taken over by another process")
      yield* Invoices.use((invoices) => invoices.release(taken))
      yield* claim(invoice, "another job")
      assert.strictEqual(yield* tagOf(again), "Begun", "processed again by a person")
    }))

  it.effect("asks again on purpose, once, and uses the new answer from then on", () =>
    Effect.gen(function*() {
      const invoices = yield* Invoices
      const invoice = yield* claimedInvoice()
      const other = yield* secondInvoice(invoice.tenantId)
      yield* paid(request(invoice), "first")
      yield* paid(request(invoice, { step: "recognition", canBeAskedAgain: false }), "pages")
      yield* invoices.requestReprocessing(invoice.tenantId, invoice.invoiceId)
      assert.strictEqual(yield* tagOf(request(invoice)), "Known", "processed again as usual")
      yield* invoices.requestReprocessing(invoice.tenantId, invoice.invoiceId, { askAgain: true })
      assert.strictEqual(yield* tagOf(request(invoice, { step: "recognition", canBeAskedAgain: false })), "Known", "the same pages have the same words")
      assert.deepStrictEqual(yield* begin(request(other)), PaidCallOpening.Known({ answer: "first" }), "nobody asked for the other one")
      const callId = yield* begun(request(invoice))
      yield* fail(request(invoice), callId, false)
      yield* paid(request(invoice), "second")
      for (const asked of [request(invoice), request(other)]) assert.deepStrictEqual(yield* begin(asked), PaidCallOpening.Known({ answer: "second" }))
    }))

  it.effect("lets one of two jobs with the same file make the call; the other waits for its answer, or for its death", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const first = yield* claimedInvoice()
      const invoices = [first, yield* secondInvoice(first.tenantId), yield* secondInvoice(first.tenantId)]
      const openings = yield* Effect.all(invoices.map((one) => begin(request(one))), { concurrency: "unbounded" })
      assert.sameMembers(openings.map(({ _tag }) => _tag), ["Begun", "Busy", "Busy"])
      const isHolder = (_: unknown, index: number) => openings[index]?._tag === "Begun"
      const holder = invoices.find(isHolder)
      const waiting = invoices.find((one) => one !== holder) ?? first
      yield* sql`UPDATE tt_worker.invoice_claims SET "leaseUntil" = clock_timestamp() - interval '1 second' WHERE "invoiceId" = ${holder?.invoiceId ?? ""}`
      assert.strictEqual(yield* tagOf(request(waiting)), "Begun", "its process is dead")
      assert.deepInclude((yield* bookOf(first.tenantId)).kept[0], { begun: 1, uncertain: 1, reserved: 1_000, uncertainCost: 1_000 })
    }))

  it.effect("takes its own call over at once after a crash, and still keeps what the one thought dead brings", () =>
    Effect.gen(function*() {
      const invoice = yield* claimedInvoice()
      const lost = yield* begun(request(invoice))
      const again = yield* claim(invoice)
      const callId = yield* begun(request(again))
      assert.deepInclude((yield* bookOf(invoice.tenantId)).kept[0], { begun: 1, uncertain: 1 })
      yield* answer(request(invoice), lost, "late")
      assert.deepInclude((yield* bookOf(invoice.tenantId)).kept[0], { begun: 1, uncertain: 0, answered: 1, cost: 700, uncertainCost: 0 })
      yield* answer(request(again), callId, "own")
      assert.deepStrictEqual(yield* begin(request(again)), PaidCallOpening.Known({ answer: "own" }))
      const { counted, kept } = yield* bookOf(invoice.tenantId)
      assert.deepStrictEqual(kept, counted)
      assert.deepInclude(kept[0], { ...none, answered: 2, input: 2_400, output: 600, cost: 1_400 })
    }))

  it.effect("never counts a call twice, whoever says how often how it ended", () =>
    Effect.gen(function*() {
      const invoice = yield* claimedInvoice()
      const callId = yield* begun(request(invoice))
      yield* answer(request(invoice), callId)
      yield* answer(request(invoice), callId)
      yield* fail(request(invoice), callId, true)
      const refused = request(invoice, { sha256: "other" })
      const second = yield* begun(refused)
      yield* fail(refused, second, false)
      yield* fail(refused, second, true)
      const { counted, kept } = yield* bookOf(invoice.tenantId)
      assert.deepStrictEqual(kept, counted)
      assert.deepInclude(kept[0], { ...none, answered: 1, failed: 1, input: 1_200, output: 300, cost: 700 })
    }))

  const Step = Schema.Struct({ file: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2 })), end: Schema.Literals(["answered", "failed", "uncertain", "crash", "late"]) })
  it.effect.prop("has sums that are those of its calls, whatever crashes", [Schema.Array(Step).check(Schema.isMaxLength(12))], ([steps]) =>
    Effect.gen(function*() {
      let invoice = yield* claimedInvoice()
      const open: Array<readonly [PaidCallRequest, string]> = []
      for (const { end, file } of steps) {
        const asked = request(invoice, { sha256: String(file), reserve: 100 + file })
        const opening = yield* begin(asked)
        if (opening._tag !== "Begun") continue
        if (end === "answered") yield* answer(asked, opening.callId)
        if (end === "failed" || end === "uncertain") yield* fail(asked, opening.callId, end === "uncertain")
        if (end === "crash" || end === "late") invoice = yield* claim(invoice)
        if (end === "late") open.push([asked, opening.callId])
      }
      for (const [asked, callId] of open) yield* answer(asked, callId)
      const { counted, kept } = yield* bookOf(invoice.tenantId)
      assert.deepStrictEqual(kept, counted)
    }), { arbitrary: { runs: 25 } })

  it.effect("makes no call that would go over the month's limit, those under way counted in, and says until when", () =>
    Effect.gen(function*() {
      const invoice = yield* claimedInvoice()
      const limited = (sha256: string) => request(invoice, { sha256, monthlyLimit: 2_700 })
      yield* paid(limited("1"))
      const underWay = yield* begun(limited("2"))
      assert.strictEqual(yield* tagOf(limited("3")), "Begun", "700 and twice 1,000")
      const over = yield* begin(limited("4"))
      assert.isTrue(over._tag === "OverLimit" && Duration.toMillis(over.until) > 0 && Duration.toDays(over.until) <= 31)
      assert.strictEqual(yield* tagOf(limited("1")), "Known", "what is known costs nothing")
      assert.strictEqual(yield* tagOf(request(yield* claimedInvoice(), { monthlyLimit: 1_000 })), "Begun", "another tenant")
      yield* fail(limited("2"), underWay, false)
      assert.strictEqual(yield* tagOf(limited("4")), "Begun")
    }))

  it.effect("keeps documents away from providers as the tenant says; a word that is not known means all of them", () =>
    Effect.gen(function*() {
      const calls = yield* PaidCalls
      const eu = { ...engine, region: "eu" } as const
      for (const [processing, anywhere, inEurope] of [["cloud", null, null], ["eu-only", "eu-only", null], ["offline", "offline", "offline"], ["EU", "offline", "offline"]] as const) {
        const invoice = yield* claimedInvoice({ features: { invoices: true, processing } })
        for (const [asked, expected] of [[request(invoice), anywhere], [request(invoice, { engine: eu }), inEurope]] as const) {
          const opening = expected === null ? null : PaidCallOpening.KeptAway({ processing: expected })
          assert.deepStrictEqual(yield* calls.look(asked), opening, processing)
          if (opening !== null) assert.deepStrictEqual(yield* begin(asked), opening)
        }
      }
    }))

  it.effect("says who read an invoice, where, and whether an answer from before was used", () =>
    Effect.gen(function*() {
      const calls = yield* PaidCalls
      const book = yield* Usage
      const first = yield* claimedInvoice()
      const second = yield* secondInvoice(first.tenantId)
      const third = yield* secondInvoice(first.tenantId)
      yield* paid(request(first))
      yield* begin(request(second))
      yield* calls.noteReader({ claim: third, sha256: "aa11", step: "extraction" }, "rules")
      const readers = yield* Effect.forEach([first, second, third], ({ invoiceId, tenantId }) => Effect.map(book.invoice(tenantId, invoiceId), (each) => each.readers))
      const model = { step: "extraction", provider: "openai", model: "gpt-4.1-mini", region: "any" }
      assert.deepStrictEqual(readers, [[{ ...model, reused: false }], [{ ...model, reused: true }], [{ step: "extraction", provider: "rules", model: null, region: null, reused: false }]])
    }))

  it.effect("tells usage by month and by invoice, of one tenant or of all", () =>
    Effect.gen(function*() {
      const book = yield* Usage
      const invoice = yield* claimedInvoice()
      yield* paid(request(invoice))
      yield* begun(request(invoice, { sha256: "bb" }))
      const month = new Date().toISOString().slice(0, 7)
      const [mine, ...others] = yield* book.month(month, invoice.tenantId)
      assert.lengthOf(others, 0)
      assert.deepStrictEqual(mine, {
        tenantId: invoice.tenantId, month, provider: "openai", model: "gpt-4.1-mini", region: "any", answered: 1, failed: 0, uncertain: 0,
        pages: 0, inputTokens: 1_200, outputTokens: 300, cost: 700, reserved: 1_000, uncertainCost: 0
      })
      assert.isAbove((yield* book.month(month, null)).length, 1)
      assert.deepStrictEqual(yield* book.month("2020-01", null), [])
      const { calls } = yield* book.invoice(invoice.tenantId, invoice.invoiceId)
      assert.deepStrictEqual(calls.map(({ cost, state }) => [state, cost]), [["answered", 700], ["begun", 0]])
      assert.deepStrictEqual((yield* book.invoice("nobody", invoice.invoiceId)).calls, [])
    }))

  it.effect("forgets answers with the last invoice that they are for, and when they are old; sums stay", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const [first, old] = [yield* claimedInvoice(), yield* claimedInvoice()]
      const second = yield* secondInvoice(first.tenantId)
      yield* paid(request(first))
      yield* begin(request(second))
      yield* paid(request(old))
      const answers = (tenantId: string) => Effect.map(sql`SELECT 1 FROM tt_worker.kept_answers WHERE "tenantId" = ${tenantId}`, (rows) => rows.length)
      yield* sql`UPDATE tt_worker.kept_answers SET "answeredAt" = now() - interval '91 days', "heldAt" = now() - interval '91 days' WHERE "tenantId" = ${old.tenantId}`
      // As where the worker may make no trigger.
      yield* sql`ALTER TABLE invoices DISABLE TRIGGER tt_worker_answers_gone`
      yield* sql`DELETE FROM invoices WHERE id = ${first.invoiceId}`
      yield* sweep
      assert.deepStrictEqual([yield* answers(first.tenantId), yield* answers(old.tenantId)], [1, 0])
      yield* sql`DELETE FROM invoices WHERE id = ${second.invoiceId}`
      yield* sweep
      assert.deepStrictEqual([yield* answers(first.tenantId), yield* answers(old.tenantId)], [0, 0])
      yield* sql`ALTER TABLE invoices ENABLE TRIGGER tt_worker_answers_gone`
      yield* sql`UPDATE tt_worker.provider_calls SET "endedAt" = now() - interval '401 days' WHERE "tenantId" = ${old.tenantId}`
      yield* sweep
      const { counted, kept } = yield* bookOf(old.tenantId)
      assert.deepStrictEqual([counted.length, kept[0]?.["cost"]], [0, 700])
    }))

  it.effect("forgets an answer in the transaction that deletes the last invoice with the file, and with no other", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const first = yield* claimedInvoice()
      const [second, third, theirs] = [yield* secondInvoice(first.tenantId), yield* secondInvoice(first.tenantId), yield* claimedInvoice()]
      for (const asked of [request(first), request(third, { sha256: "bb22" }), request(theirs)]) yield* paid(asked)
      yield* begin(request(second))
      const answers = Effect.map(
        sql`SELECT "tenantId", sha256 FROM tt_worker.kept_answers WHERE "tenantId" IN (${first.tenantId}, ${theirs.tenantId})`,
        (rows) => rows.map(({ sha256, tenantId }) => `${tenantId === theirs.tenantId ? "theirs" : "mine"} ${String(sha256)}`).toSorted()
      )
      yield* sql`DELETE FROM invoices WHERE id = ${first.invoiceId}`
      assert.deepStrictEqual(yield* answers, ["mine aa11", "mine bb22", "theirs aa11"])
      yield* Effect.flip(sql.withTransaction(Effect.andThen(sql`DELETE FROM invoices WHERE "tenantId" = ${first.tenantId}`, Effect.fail("undone"))))
      assert.deepStrictEqual(yield* answers, ["mine aa11", "mine bb22", "theirs aa11"])
      yield* sql`DELETE FROM invoices WHERE "tenantId" = ${first.tenantId}`
      assert.deepStrictEqual(yield* answers, ["theirs aa11"])
    }))

  it.effect("forgets no answer whose call is under way, and what nobody answers after an hour", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const invoice = yield* claimedInvoice()
      const asked = request(invoice)
      yield* fail(asked, yield* begun(asked), false)
      yield* sql`UPDATE tt_worker.kept_answers SET "heldAt" = now() - interval '2 days' WHERE "tenantId" = ${invoice.tenantId}`
      const callId = yield* begun(asked)
      yield* sweep
      yield* answer(asked, callId)
      assert.strictEqual(yield* tagOf(asked), "Known")
      yield* begun(request(invoice, { sha256: "never answered" }))
      yield* sql`UPDATE tt_worker.kept_answers SET "heldAt" = now() - interval '2 hours' WHERE "tenantId" = ${invoice.tenantId}`
      yield* sweep
      assert.deepStrictEqual((yield* sql`SELECT sha256 FROM tt_worker.kept_answers WHERE "tenantId" = ${invoice.tenantId}`).map(({ sha256 }) => sha256), ["aa11"])
    }))

  it.effect("counts a call that nobody ended for a day as broken off", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const invoice = yield* claimedInvoice()
      yield* begun(request(invoice))
      yield* sql`UPDATE tt_worker.provider_calls SET "startedAt" = now() - interval '25 hours' WHERE "tenantId" = ${invoice.tenantId}`
      yield* sweep
      const { counted, kept } = yield* bookOf(invoice.tenantId)
      assert.deepStrictEqual(kept, counted)
      assert.deepInclude(kept[0], { begun: 0, uncertain: 1, uncertainCost: 1_000 })
    }))
})
