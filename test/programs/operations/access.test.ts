import { assert, describe, it } from "@effect/vitest"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Context, Effect, Layer, Redacted, Ref, type Scope } from "effect"
import { fileURLToPath } from "node:url"
import * as http from "node:http"
import * as OperationsServer from "../../../layers/http/OperationsServer.ts"
import { Access } from "../../../programs/operations/Access.ts"
import { ConsoleFolder, type ConsoleNeeds, consoleRoutes } from "../../../programs/operations/console.ts"
import { healthRoutes } from "../../../programs/operations/health.ts"
import type { OperatorToken } from "../../../src/domain/Operator.ts"
import { Breaker, BreakerState } from "../../../src/services/Breaker.ts"
import { JobInspector } from "../../../src/services/JobInspector.ts"
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
    const changes: Array<readonly [ControlCommand["_tag"], string]> = []
    const services: Context.Context<ConsoleNeeds> = Context.make(QueueControls, {
      read: Effect.succeed(noControls),
      change: ({ _tag }, by) => Effect.sync(() => void changes.push([_tag, by])),
      note: () => Effect.void,
      history: () => Effect.succeed([])
    }).pipe(
      Context.add(ProcessStatuses, { publish: () => Effect.void, all: Effect.succeed([]) }),
      Context.add(QueueStatistics, { of: (queue) => Effect.sync(() => void questions++).pipe(Effect.as({ queue, waiting: 3, active: 0, delayed: 0, failed: 0, oldestAt: null })) }),
      Context.add(Breaker, { withBreaker: (_key, _policy, effect) => effect, state: () => Effect.succeed(BreakerState.Closed()) }),
      Context.add(OutsideTroubles, { endpoints: () => Effect.succeed([]), mailboxes: () => Effect.succeed([]) }),
      Context.add(JobInspector, yield* Effect.map(Layer.build(Layer.mock(JobInspector, {})), Context.get(JobInspector))),
      Context.add(WebhookDeliveries, yield* Effect.map(Layer.build(Layer.mock(WebhookDeliveries, {})), Context.get(WebhookDeliveries))),
      Context.add(JobBoard, { changeOf: () => null, answer: () => Effect.die("not here") }),
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
    return { ask, asked: () => questions, changes, base }
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
