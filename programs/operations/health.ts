import { Effect, type Layer } from "effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { Readiness } from "../../src/supervisor/Readiness.ts"

const answer = (status: number, word: string) =>
  HttpServerResponse.jsonUnsafe({ status: word }, { status, headers: { "cache-control": "no-store" } })

/**
 * `/health/live`: the event loop turns. `/health/ready`: the consumers take jobs. Neither asks a dependency, so that an
 * outage of one does not make an orchestrator kill workers that wait for it.
 */
export const healthRoutes: Layer.Layer<never, never, HttpRouter.HttpRouter | Readiness> = HttpRouter.use(
  Effect.fnUntraced(function*(router) {
    const readiness = yield* Readiness
    yield* router.add("GET", "/health/live", Effect.succeed(answer(200, "live")))
    yield* router.add("GET", "/health/ready", Effect.map(readiness.isReady, (ready) => ready ? answer(200, "ready") : answer(503, "not ready")))
  })
)
