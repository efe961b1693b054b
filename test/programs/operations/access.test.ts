import { assert, describe, it } from "@effect/vitest"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Context, Effect, Layer, Option, Redacted, Ref, type Scope } from "effect"
import { fileURLToPath } from "node:url"
import * as http from "node:http"
import * as OperationsServer from "../../../layers/http/OperationsServer.ts"
import { Access } from "../../../programs/operations/Access.ts"
import { ConsoleFolder, type ConsoleNeeds, consoleRoutes } from "../../../programs/operations/console.ts"
import { healthRoutes } from "../../../programs/operations/health.ts"
import { changeOf } from "../../../layers/bullmq/BullmqJobBoard.ts"
import { WebhookDeliveryId } from "../../../src/domain/ids.ts"
import type { OperatorToken } from "../../../src/domain/Operator.ts"
import { Breaker, BreakerState } from "../../../src/services/Breaker.ts"
import { JobInspector, type RetryAnswer } from "../../../src/services/JobInspector.ts"
import { OutsideTroubles } from "../../../src/services/OutsideTroubles.ts"
import { WebhookDeliveries } from "../../../src/services/WebhookDeliveries.ts"
import { Invoices } from "../../../src/services/Invoices.ts"
import { JobBoard } from "../../../src/services/JobBoard.ts"
import { OperationsAddress } from "../../../src/services/OperationsAddress.ts"
import { ProcessStatuses } from "../../../src/services/ProcessStatuses.ts"
import { type ControlCommand, noControls, QueueControls } from "../../../src/services/QueueControls.ts"
import { QueueStatistics } from "../../../src/services/QueueStatistics.ts"
import { Readiness } from "../../../src/supervisor/Readiness.ts"

const anna: OperatorToken = { name: "anna", role: "operate", token: Redacted.make("token-of-anna-0123") }
const ben: OperatorToken = { name: "ben", role: "view", token: Redacted.make("token-of-ben-01234") }

interface Answer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
}

/** A console on a free port, with what it was asked to change. */
const startConsole = (options: { readonly tokens?: ReadonlyArray<OperatorToken>; readonly local?: boolean; readonly started?: boolean } = {}) =>
  Effect.gen(function*() {
    let questions = 0
    const notes: Array<string> = []
    const retried: Array<string> = []
    const job = { id: "j1", name: "deliver", state: "failed", attempts: 1, addedAt: 0, finishedAt: 1, reason: "http-500", traceId: null, result: null }
    const changes: Array<readonly [ControlCommand["_tag"], string]> = []
    const services: Context.Context<ConsoleNeeds> = Context.make(QueueControls, {
      read: Effect.succeed(noControls),
      change: ({ _tag }, by) => Effect.sync(() => void changes.push([_tag, by])),
      note: ({ action, by, queue, value }) => Effect.sync(() => void notes.push(`${by} ${action} ${queue} ${value}`)),
      history: () => Effect.succeed([])
    }).pipe(
      Context.add(ProcessStatuses, { publish: () => Effect.void, all: Effect.succeed([]) }),
      Context.add(QueueStatistics, { of: (queue) => Effect.sync(() => void questions++).pipe(Effect.as({ queue, waiting: 3, active: 0, delayed: 0, failed: 0, oldestAt: null })) }),
      Context.add(Breaker, { withBreaker: (_key, _policy, effect) => effect, state: () => Effect.succeed(BreakerState.Closed()) }),
      Context.add(OutsideTroubles, { endpoints: () => Effect.succeed([]), mailboxes: () => Effect.succeed([]) }),
      Context.add(JobInspector, {
        failed: () => Effect.succeed([]),
        unfinished: () => Effect.succeed([]),
        show: (_queue, id, options) => Effect.succeed(id === "j1" ? Option.some({ ...job, data: { payload: options?.reveal === true ? "shown" : "…" } }) : Option.none()),
        retry: (queue, id, prepare) => {
          if (id === "nobody") return Effect.succeed<RetryAnswer>({ _tag: "NotFound" })
          if (id === "running") return Effect.succeed<RetryAnswer>({ _tag: "NotFailed", state: "active" })
          retried.push(`${queue} ${id}`)
          return Effect.as(prepare({ id: "j1", data: { tenantId: "t", webhookDeliveryId: "d1" } }), { _tag: "Retried", jobs: 1 })
        }
      }),
      Context.add(WebhookDeliveries, yield* Effect.map(Layer.build(Layer.mock(WebhookDeliveries, {
        reopen: ({ deliveryId, tenantId }, jobId) => Effect.sync(() => void retried.push(`reopened ${tenantId} ${deliveryId} for ${jobId}`)),
        replay: ({ deliveryIds }) => Effect.succeed(deliveryIds?.includes(WebhookDeliveryId.make("d1")) === true ? 1 : 0)
      })), Context.get(WebhookDeliveries))),
      Context.add(JobBoard, { changeOf, answer: () => Effect.die("not here") }),
      Context.add(Invoices, yield* Effect.map(Layer.build(Layer.mock(Invoices, {})), Context.get(Invoices)))
    )
    const routes = Layer.merge(healthRoutes, consoleRoutes(options.started === false ? Effect.never : Effect.succeed(services))).pipe(
      Layer.provide(Access.layer({ tokens: options.tokens ?? [anna, ben], local: options.local ?? false })),
      Layer.provide(Layer.succeed(ConsoleFolder, fileURLToPath(new URL("../../../console", import.meta.url))))
    )
    const address = yield* Ref.make<string | null>(null)
    yield* OperationsServer.start({ host: "127.0.0.1", port: 0, routes }).pipe(
      Effect.provide(Layer.mergeAll(NodeServices.layer, Readiness.layer, Layer.succeed(OperationsAddress, address)))
    )
    const base = yield* Ref.get(address)
    const ask = (method: string, path: string, headers: Record<string, string> = {}, body?: unknown): Effect.Effect<Answer> =>
      Effect.callback((resume) => {
        const request = http.request(`${base}${path}`, { method, headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers } }, (response) => {
          let text = ""
          response.setEncoding("utf8").on("data", (part: string) => {
            text += part
          }).on("end", () => resume(Effect.succeed({ status: response.statusCode ?? 0, headers: response.headers, body: text })))
        })
        request.end(body === undefined ? undefined : JSON.stringify(body))
      })
    return { notes, retried, ask, asked: () => questions, changes, base }
  })

const bearer = ({ token }: OperatorToken) => ({ authorization: `Bearer ${Redacted.value(token)}` })
const pause = { _tag: "pause", queue: "email-sync" }

const test = (name: string, body: Effect.Effect<void, unknown, Scope.Scope>) => it.live(name, () => Effect.scoped(body))

describe("who gets into the console", () => {
  test("nobody without a token: programs are told so, browsers are sent to the log-in", Effect.gen(function*() {
    const { ask } = yield* startConsole()
    for (const path of ["/", "/api/state", "/api/stream", "/metrics", "/queues", "/queues/api/queues", "/console.js"]) {
      const { body, status } = yield* ask("GET", path)
      assert.deepStrictEqual([path, status], [path, 401])
      assert.notInclude(body, "waiting")
    }
    const { headers, status } = yield* ask("GET", "/", { accept: "text/html" })
    assert.deepStrictEqual([status, headers.location], [303, "/login"])
    assert.strictEqual((yield* ask("GET", "/health/live")).status, 200)
  }))

  test("whoever has one, by header", Effect.gen(function*() {
    const { ask } = yield* startConsole()
    const { body, status } = yield* ask("GET", "/api/state", bearer(ben))
    assert.strictEqual(status, 200)
    assert.deepStrictEqual(JSON.parse(body).me, { name: "ben", role: "view" })
    assert.strictEqual((yield* ask("GET", "/api/state", { authorization: "Bearer token-of-nobody-12" })).status, 401)
  }))

  test("or by the cookie of a log-in, which scripts cannot read and other sites cannot use, until the log-out", Effect.gen(function*() {
    const { ask } = yield* startConsole()
    const opened = yield* ask("POST", "/login", {}, { token: Redacted.value(anna.token) })
    assert.strictEqual(opened.status, 200)
    const cookie = opened.headers["set-cookie"]?.[0] ?? ""
    assert.match(cookie, /^tt_ops=[\w-]{43}; /)
    for (const attribute of ["HttpOnly", "SameSite=Strict", "Path=/"]) assert.include(cookie, attribute)
    assert.notInclude(cookie, Redacted.value(anna.token))
    const session = { cookie: cookie.split(";")[0] ?? "" }
    assert.strictEqual((yield* ask("GET", "/api/state", session)).status, 200)
    assert.strictEqual((yield* ask("POST", "/logout", session)).status, 200)
    assert.strictEqual((yield* ask("GET", "/api/state", session)).status, 401)
    assert.strictEqual((yield* ask("POST", "/login", {}, { token: "wrong" })).status, 401)
  }))

  test("on an open address without tokens nobody at all, and it says what to do", Effect.gen(function*() {
    const { ask } = yield* startConsole({ tokens: [] })
    const { body, status } = yield* ask("GET", "/", { accept: "text/html" })
    assert.strictEqual(status, 403)
    assert.include(body, "OPS_TOKEN")
  }))

  test("on a loopback address without tokens this machine, but no page whose own name leads there", Effect.gen(function*() {
    const { ask } = yield* startConsole({ tokens: [], local: true })
    assert.strictEqual((yield* ask("GET", "/api/state")).status, 200)
    assert.strictEqual((yield* ask("GET", "/api/state", { host: "localhost:9464" })).status, 200)
    assert.strictEqual((yield* ask("GET", "/api/state", { host: "rebound.example.com:9464" })).status, 401)
  }))
})

describe("a session", () => {
  test("begins on the console's own page only", Effect.gen(function*() {
    const { ask } = yield* startConsole()
    for (const from of [{ origin: "https://evil.example" }, { "sec-fetch-site": "cross-site" }]) {
      const { headers, status } = yield* ask("POST", "/login", from, { token: Redacted.value(anna.token) })
      assert.deepStrictEqual([status, headers["set-cookie"]], [403, undefined])
    }
  }))

  test("that has ended is shown nothing more, though its stream is open", Effect.gen(function*() {
    const { ask, base } = yield* startConsole()
    const opened = yield* ask("POST", "/login", {}, { token: Redacted.value(anna.token) })
    const session = { cookie: opened.headers["set-cookie"]?.[0]?.split(";")[0] ?? "" }
    const stream = yield* Effect.promise(() => fetch(`${base}/api/stream`, { headers: session }))
    assert.strictEqual(stream.headers.get("content-type"), "text/event-stream")
    const reader = stream.body?.getReader()
    const first = yield* Effect.promise(async () => (await reader?.read())?.value)
    assert.include(Buffer.from(first ?? []).toString("utf8"), `"name":"anna"`)
    assert.strictEqual((yield* ask("POST", "/logout", session)).status, 200)
    const rest = Effect.promise(async () => {
      for (;;) if ((await reader?.read())?.done !== false) return "ended"
    })
    assert.strictEqual(yield* Effect.timeout(rest, "10 seconds"), "ended")
  }))
})

describe("what can be changed in it", () => {
  test("a queue, by who may, under their name", Effect.gen(function*() {
    const { ask, changes } = yield* startConsole()
    const { body, status } = yield* ask("POST", "/api/actions", bearer(anna), pause)
    assert.deepStrictEqual([status, JSON.parse(body).done], [200, "email-sync starts no more jobs."])
    assert.strictEqual((yield* ask("POST", "/api/actions", bearer(ben), pause)).status, 403)
    assert.deepStrictEqual(changes, [["Pause", "anna"]])
  }))

  test("nothing by a page from elsewhere, though the browser sends the cookie", Effect.gen(function*() {
    const { ask, base, changes } = yield* startConsole()
    const opened = yield* ask("POST", "/login", {}, { token: Redacted.value(anna.token) })
    const session = { cookie: opened.headers["set-cookie"]?.[0]?.split(";")[0] ?? "" }
    for (const from of [{ origin: "https://evil.example" }, { origin: "null" }, { "sec-fetch-site": "cross-site" }, { "sec-fetch-site": "same-site" }]) {
      assert.strictEqual((yield* ask("POST", "/api/actions", { ...session, ...from }, pause)).status, 403)
    }
    assert.deepStrictEqual(changes, [])
    assert.strictEqual((yield* ask("POST", "/api/actions", { ...session, origin: base ?? "", "sec-fetch-site": "same-origin" }, pause)).status, 200)
  }))

  test("nothing that is none of its actions", Effect.gen(function*() {
    const { ask, changes } = yield* startConsole()
    for (const body of [{}, { _tag: "pause", queue: "no-such" }, { _tag: "concurrency", queue: "email-sync", jobs: 0 }, "pause"]) {
      assert.strictEqual((yield* ask("POST", "/api/actions", bearer(anna), body)).status, 400)
    }
    assert.deepStrictEqual(changes, [])
  }))
})

describe("what can be done again in it", () => {
  test("a job, a delivery and a look at what is masked, by who may, on record under their name", Effect.gen(function*() {
    const { ask, notes, retried } = yield* startConsole()
    const act = (body: unknown, who = anna) => ask("POST", "/api/actions", bearer(who), body)
    const retry = { _tag: "retry", queue: "webhook-delivery", jobId: "j1" }
    const replay = { _tag: "replay", tenantId: "t", deliveryId: "d1" }
    const reveal = { _tag: "reveal", queue: "webhook-delivery", jobId: "j1" }
    for (const body of [retry, replay, reveal]) assert.strictEqual((yield* act(body, ben)).status, 403)
    assert.deepStrictEqual(notes, [])

    assert.strictEqual(JSON.parse((yield* act(retry)).body).done, "Job j1 of webhook-delivery is tried again.")
    assert.strictEqual(JSON.parse((yield* act(replay)).body).done, "Delivery d1 is sent again.")
    assert.deepInclude(JSON.parse((yield* act(reveal)).body).job, { id: "j1", data: { payload: "shown" } })
    assert.deepStrictEqual(retried, ["webhook-delivery j1", "reopened t d1 for j1"])
    assert.deepStrictEqual(notes, ["anna RetryJob webhook-delivery j1", "anna Replay webhook-delivery d1", "anna RevealJob webhook-delivery j1"])

    assert.strictEqual((yield* act({ ...retry, jobId: "running" })).status, 409)
    assert.strictEqual((yield* act({ ...retry, jobId: "nobody" })).status, 404)
    assert.strictEqual((yield* act({ ...replay, deliveryId: "nobody" })).status, 404)
    assert.strictEqual(notes.length, 3)
  }))

  test("a job is looked at by everybody who may look, masked", Effect.gen(function*() {
    const { ask, notes } = yield* startConsole()
    const { body, status } = yield* ask("GET", "/api/jobs/webhook-delivery/j1", bearer(ben))
    assert.deepStrictEqual([status, JSON.parse(body).job.data], [200, { payload: "…" }])
    assert.strictEqual((yield* ask("GET", "/api/jobs/webhook-delivery/nobody", bearer(ben))).status, 404)
    assert.strictEqual((yield* ask("GET", "/api/jobs/no-such-queue/j1", bearer(ben))).status, 404)
    assert.strictEqual((yield* ask("GET", "/api/jobs/webhook-delivery/j1")).status, 401)
    assert.deepStrictEqual(notes, [])
  }))

  test("failed jobs by the board's own buttons, too, with their rows in step; nothing else of the board's", Effect.gen(function*() {
    const { ask, notes, retried } = yield* startConsole()
    const put = (path: string, who = anna) => ask("PUT", `/queues/api/queues/webhook-delivery/${path}`, bearer(who))
    assert.strictEqual((yield* put("j1/retry/failed", ben)).status, 403)
    assert.strictEqual((yield* put("j1/retry/failed")).status, 204)
    const all = yield* put("retry/failed")
    assert.deepStrictEqual([all.status, JSON.parse(all.body)], [200, { retried: 1, skipped: 0 }])
    assert.deepStrictEqual(retried, ["webhook-delivery j1", "reopened t d1 for j1", "webhook-delivery null", "reopened t d1 for j1"])
    assert.deepStrictEqual(notes, ["anna RetryJob webhook-delivery j1", "anna RetryJob webhook-delivery all that failed (1)"])
    for (const path of ["pause", "empty", "obliterate", "j1/retry/completed", "j1/clean", "clean/completed", "j1/update-data", "add", "concurrency", "resume", "promote-all"]) {
      assert.strictEqual((yield* put(path)).status, 405, path)
    }
    assert.strictEqual((yield* ask("POST", "/queues/api/queues/webhook-delivery/add", bearer(anna), {})).status, 405)
    assert.strictEqual((yield* ask("DELETE", "/queues/api/queues/webhook-delivery", bearer(anna))).status, 405)
  }))
})

describe("its answers", () => {
  test("may not be framed, sniffed, stored or run from elsewhere", Effect.gen(function*() {
    const { ask } = yield* startConsole()
    for (const path of ["/", "/api/state", "/metrics", "/login"]) {
      const { headers } = yield* ask("GET", path, bearer(anna))
      assert.include(headers["content-security-policy"], "frame-ancestors 'none'")
      assert.include(headers["content-security-policy"], "default-src 'none'")
      assert.deepInclude(headers, { "x-frame-options": "DENY", "x-content-type-options": "nosniff", "cache-control": "no-store" })
    }
  }))

  test("cost the queues one question, however many look at the same moment", Effect.gen(function*() {
    const { ask, asked } = yield* startConsole()
    const answers = yield* Effect.all(Array.from({ length: 8 }, (_, index) => ask("GET", "/api/state", bearer(index % 2 === 0 ? anna : ben))), { concurrency: "unbounded" })
    assert.deepStrictEqual(answers.map(({ body }) => JSON.parse(body).me.name), ["anna", "ben", "anna", "ben", "anna", "ben", "anna", "ben"])
    assert.strictEqual(asked(), 4)
  }))

  test("say while the worker starts that it does", Effect.gen(function*() {
    const { ask } = yield* startConsole({ started: false })
    const { body, status } = yield* ask("GET", "/api/state", bearer(anna))
    assert.strictEqual(status, 503)
    assert.include(body, "is starting")
    assert.strictEqual((yield* ask("GET", "/", bearer(anna))).status, 200)
  }))
})
