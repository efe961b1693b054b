import { Effect, type Layer } from "effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { Readiness } from "../../src/supervisor/Readiness.ts"

const answer = (status: number, word: string) =>
  HttpServerResponse.jsonUnsafe({ status: word }, { status, headers: { "cache-control": "no-store" } })

/**
 * `/health/live`: the event loop turns. `/health/startup`: it has been ready once. `/health/ready`: the consumers take jobs
 * or are paused. None asks a dependency, so that an outage of one does not make an orchestrator kill workers that wait for it.
 */
export const healthRoutes: Layer.Layer<never, never, HttpRouter.HttpRouter | Readiness> = HttpRouter.use(
  Effect.fnUntraced(function*(router) {
    const readiness = yield* Readiness
    let started = false
    const isStarted = Effect.suspend(() => started ? Effect.succeed(true) : Effect.tap(readiness.isReady, (ready) => Effect.sync(() => void (started = ready))))
    const yesOrNo = (condition: Effect.Effect<boolean>, yes: string, no: string) => Effect.map(condition, (holds) => holds ? answer(200, yes) : answer(503, no))
    yield* router.add("GET", "/health/live", Effect.succeed(answer(200, "live")))
    yield* router.add("GET", "/health/startup", yesOrNo(isStarted, "started", "starting"))
    yield* router.add("GET", "/health/ready", yesOrNo(readiness.isReady, "ready", "not ready"))
  })
)
