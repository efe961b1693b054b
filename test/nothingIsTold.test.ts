import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { goodAnswer } from "./support/cloudWorld.ts"
import { invoiceTexts, nightWorld, planted } from "./support/nightWorld.ts"
import { OwnPostgres } from "./support/ownPostgres.ts"
import { until } from "./support/until.ts"

/** What emulated servers quote in their errors beside what they were sent. */
const quoted = ["INVOICE TEXT", "X-Amz-Signature", "AKIDEXAMPLE", "wJalrXUtnFEMI"]
const needles = [...Object.values(planted), ...invoiceTexts, ...quoted]

layer(OwnPostgres.layer, { excludeTestServices: true, timeout: "300 seconds" })("when everything fails, by servers that quote what they were sent", (it) => {
  it.effect("no secret and no word of an invoice or mail is in traces, logs, metrics, console, board, commands or the queue's own record", () =>
    Effect.gen(function*() {
      const world = yield* nightWorld({
        receive: ({ body, headers, path }, response) => response.writeHead(500, { "x-echo": `${path} ${String(headers["webhook-signature"])}` }).end(`${path} ${body} ${planted.webhookSecret}`),
        environment: { INVOICE_CONCURRENCY: "1" }
      })
      const { collector, openAi, s3, vision } = world
      const worker = yield* world.start
      yield* worker.says("Ready after")
      yield* world.prepare(planted.mailPassword)
      yield* world.produce

      /** Has an invoice read, and waits until the log has told how that ended. */
      const meets = Effect.fnUntraced(function*(id: string, outcome: RegExp, fault: () => void = () => {}) {
        yield* world.addInvoice(id)
        fault()
        const jobId = yield* world.processInvoice(id)
        yield* worker.says(new RegExp(`invoice-processing job ${jobId} ${outcome.source}`))
      })
      yield* meets("storage", /(failed for good|put off)/, () => void s3.faults.push({ kind: "answer", status: 503, code: "SlowDown" }))
      yield* meets("recognition", /failed for good/, () => void vision.faults.push({ kind: "code", code: 3, reason: "API_KEY_INVALID" }))
      openAi.replies = [{ kind: "status", status: 400, error: { code: "context_length_exceeded", type: "invalid_request_error" } }]
      yield* meets("model", /failed for good/)
      openAi.replies = [{ kind: "refuse", words: `I will not read ${invoiceTexts.join(" ")}` }]
      yield* meets("refusal", /failed for good/)
      openAi.replies = [{ kind: "answer", content: { supplierName: invoiceTexts[0], amountTTC: invoiceTexts.join(" ") } }]
      yield* meets("off-schema", /failed for good/)
      openAi.replies = [{ kind: "answer", content: goodAnswer }]
      // A database whose words are the row.
      yield* world.query(`CREATE FUNCTION quote_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused: %', NEW::text; END $$`)
      yield* world.query(`CREATE TRIGGER quote_it BEFORE UPDATE ON invoices FOR EACH ROW WHEN (NEW.status = 'processed') EXECUTE FUNCTION quote_it()`)
      yield* meets("database", /(failed|put off)/)
      yield* worker.says(/email-sync job \S+ failed for good: mail-password-refused/)
      yield* worker.says(/webhook-delivery job \S+ put off/)

      const page = (path: string) =>
        Effect.promise(async () => {
          const response = await fetch(`${world.base}${path}`, { headers: { authorization: `Bearer ${planted.operators}` } })
          assert.strictEqual(response.status, 200, path)
          return response.text()
        })
      const places: Record<string, string> = { metrics: yield* page("/metrics") }
      places["console"] = yield* page("/api/state")
      for (const queue of ["invoice-processing", "email-sync", "webhook-delivery"]) {
        for (const status of ["failed", "delayed", "completed"]) places[`board ${queue} ${status}`] = yield* page(`/queues/api/queues?activeQueue=${queue}&status=${status}&page=1&jobsPerPage=50`)
      }
      places["jobs failed"] = (yield* world.command("jobs", "failed", "invoice-processing", "--json")).stdout
      places["queue"] = JSON.stringify(yield* world.query(`SELECT failed_reason, stacktrace, return_value, progress FROM bullmq.job`))
      places["invoices' errors"] = JSON.stringify(yield* world.query(`SELECT "errorCode", "errorMessage" FROM invoices`))
      places["claims"] = JSON.stringify(yield* world.query(`SELECT "lastErrorCode", "lastErrorMessage" FROM tt_worker.invoice_claims`))
      places["control log"] = JSON.stringify(yield* world.query(`SELECT * FROM tt_worker.control_log`))
      yield* until(Effect.sync(() => collector.requests.filter(({ path }) => path === "/v1/metrics").length), (sent) => sent > 0, 30_000)

      worker.child.kill("SIGTERM")
      const { status, stderr, stdout } = yield* worker.ended
      assert.strictEqual(status, 0)
      places["log"] = stdout + stderr
      for (const kind of ["traces", "logs", "metrics"]) {
        const bodies = collector.requests.filter(({ path }) => path === `/v1/${kind}`).map(({ body }) => body)
        assert.isNotEmpty(bodies, kind)
        places[`exported ${kind}`] = Buffer.concat(bodies).toString("utf8")
      }

      assert.include(places["exported traces"], "process invoice-processing")
      assert.include(places["exported logs"], "failed for good")
      assert.match(places["console"] ?? "", /mail-password-refused/)
      assert.match(places["board invoice-processing failed"] ?? "", /extraction-denied|extraction-refused/)
      const told = Object.entries(places).flatMap(([place, text]) => needles.filter((needle) => text.includes(needle)).map((needle) => `${needle} in ${place}`))
      assert.deepStrictEqual(told, [])
    }).pipe(Effect.scoped), { timeout: 300_000 })
})
