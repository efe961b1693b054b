import { Context, Duration, Effect, FileSystem, type Layer, Option, Path, Schedule, Schema, Stream } from "effect"
import * as Sse from "effect/encoding/Sse"
import * as HttpRouter from "effect/http/HttpRouter"
import { HttpServerRequest } from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as PrometheusMetrics from "effect/observability/PrometheusMetrics"
import type { Operator } from "../../src/domain/Operator.ts"
import type { Breaker } from "../../src/services/Breaker.ts"
import type { OutsideTroubles } from "../../src/services/OutsideTroubles.ts"
import type { Invoices } from "../../src/services/Invoices.ts"
import type { ProcessStatuses } from "../../src/services/ProcessStatuses.ts"
import type { QueueControls } from "../../src/services/QueueControls.ts"
import type { QueueStatistics } from "../../src/services/QueueStatistics.ts"
import { Access, sessionCookie } from "./Access.ts"
import { type BoardNeeds, boardRequest } from "./board.ts"
import { consoleAction, lookAtJob } from "./consoleActions.ts"
import { makeConsoleState } from "./consoleState.ts"
import { comesFromElsewhere, guarded, jsonAnswer, notFromHere, safetyHeaders } from "./guarded.ts"

/** The folder of the page's files; main knows where the package lies. */
export const ConsoleFolder = Context.Reference<string>("tt-worker/programs/operations/ConsoleFolder", { defaultValue: () => "console" })

/** What the console looks at and acts on. */
export type ConsoleNeeds = BoardNeeds | ProcessStatuses | QueueControls | QueueStatistics | Invoices | Breaker | OutsideTroubles

/** Often enough to follow by eye. */
const streamEvery = Duration.seconds(1)
/** The worker's machinery is there or it is not; nobody waits for it at a page. */
const machineryLimit = Duration.millis(50)

const files = [
  ["/", "index.html", "text/html; charset=utf-8"],
  ["/console.css", "console.css", "text/css; charset=utf-8"],
  ["/console.js", "console.js", "text/javascript; charset=utf-8"]
] as const

const decodeLogin = Schema.decodeUnknownEffect(Schema.Struct({ token: Schema.String }))

/**
 * The console (`/`), its data (`/api/state`, `/api/stream`), what can be done in it (`POST /api/actions`), and `/metrics`,
 * each for people with a token. `machinery` is what the worker stands on: until it is there, all but the page is told so.
 */
export const consoleRoutes = (machinery: Effect.Effect<Context.Context<ConsoleNeeds>>): Layer.Layer<never, never, HttpRouter.HttpRouter | Access | FileSystem.FileSystem | Path.Path> =>
  HttpRouter.use(Effect.fnUntraced(function*(router) {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const folder = yield* ConsoleFolder
    const access = yield* Access
    const consoleState = yield* makeConsoleState

    const withMachinery = (handler: Effect.Effect<HttpServerResponse.HttpServerResponse, { readonly message: string }, ConsoleNeeds>) =>
      Effect.gen(function*() {
        const there = yield* Effect.timeoutOption(machinery, machineryLimit)
        if (Option.isNone(there)) return jsonAnswer(503, { error: "The worker is starting and waits for its database." })
        return yield* Effect.provideContext(handler, there.value).pipe(
          Effect.catch(({ message }) => Effect.succeed(jsonAnswer(503, { error: message })))
        )
      })
    const file = (name: string, type: string) =>
      fs.readFileString(path.join(folder, name)).pipe(
        Effect.map((content) => HttpServerResponse.text(content, { contentType: type, headers: safetyHeaders })),
        Effect.orElseSucceed(() => jsonAnswer(404, { error: "There is no such file." }))
      )

    /** Ends with the session: whoever has logged out, or whose token is gone, sees nothing more. */
    const events = (request: HttpServerRequest, context: Context.Context<ConsoleNeeds>) => {
      const shown = (operator: Operator) => consoleState(operator).pipe(Effect.provideContext(context), Effect.catch(({ message }) => Effect.succeed({ error: message })))
      return Stream.fromEffectSchedule(
        Effect.flatMap(access.operatorOf(request), (operator) => operator === null ? Effect.succeed(null) : shown(operator)),
        Schedule.spaced(streamEvery)
      ).pipe(
        Stream.takeWhile((state) => state !== null),
        Stream.map((state): Sse.Event => ({ _tag: "Event", event: "state", id: undefined, data: JSON.stringify(state) })),
        Stream.pipeThroughChannel(Sse.encode()),
        Stream.encodeText
      )
    }

    const add = <E>(method: "GET" | "POST" | "*", route: HttpRouter.PathInput, handler: Effect.Effect<HttpServerResponse.HttpServerResponse, E, HttpServerRequest | Access>) =>
      router.add(method, route, Effect.provideService(handler, Access, access))

    for (const [route, name, type] of files) yield* add("GET", route, guarded("view", () => file(name, type)))
    yield* add("GET", "/login", file("login.html", "text/html; charset=utf-8"))
    yield* add("GET", "/login.js", file("login.js", "text/javascript; charset=utf-8"))
    yield* add("GET", "/login.css", file("console.css", "text/css; charset=utf-8"))
    yield* add("POST", "/login", HttpServerRequest.use(Effect.fnUntraced(function*(request) {
      // Nobody is logged in as somebody else by a page of theirs.
      if (comesFromElsewhere(request)) return notFromHere
      const asked = yield* request.json.pipe(Effect.flatMap(decodeLogin), Effect.option)
      const opened = Option.isNone(asked) ? null : yield* access.open(asked.value.token)
      if (opened === null) return jsonAnswer(401, { error: "This token is not known here." })
      const options = { httpOnly: true, sameSite: "strict", path: "/", secure: request.headers["x-forwarded-proto"] === "https" } as const
      return HttpServerResponse.setCookieUnsafe(jsonAnswer(200, { name: opened.operator.name }), sessionCookie, opened.session, options)
    })))
    yield* add("POST", "/logout", guarded("view", (_, request) =>
      Effect.as(access.close(request), HttpServerResponse.expireCookieUnsafe(jsonAnswer(200, {}), sessionCookie, { path: "/" }))))
    yield* add("GET", "/metrics", guarded("view", () =>
      Effect.map(PrometheusMetrics.format(), (text) =>
        HttpServerResponse.text(text, { contentType: "text/plain; version=0.0.4; charset=utf-8", headers: safetyHeaders }))))
    yield* add("GET", "/api/state", guarded("view", (operator) =>
      withMachinery(Effect.map(consoleState(operator), (state) => jsonAnswer(200, state)))))
    yield* add("GET", "/api/stream", guarded("view", (_, request) =>
      withMachinery(Effect.map(Effect.context<ConsoleNeeds>(), (context) =>
        HttpServerResponse.stream(events(request, context), { contentType: "text/event-stream", headers: safetyHeaders })))))
    yield* add("GET", "/api/jobs/*", guarded("view", (_, request) => withMachinery(lookAtJob(request))))
    yield* add("POST", "/api/actions", guarded("operate", (operator, request) => withMachinery(consoleAction(operator, request))))
    yield* add("*", "/queues/*", guarded("view", (operator, request) => withMachinery(boardRequest(operator, request))))
  }))
