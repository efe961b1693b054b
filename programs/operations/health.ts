import { Effect, type Layer } from "effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { Readiness } from "../../src/supervisor/Readiness.ts"

const answer = (status: number, word: string, because: ReadonlyArray<string> = []) =>
  HttpServerResponse.jsonUnsafe(because.length === 0 ? { status: word } : { status: word, because }, { status, headers: { "cache-control": "no-store" } })

/**
 * `/health/live`: the event loop turns. `/health/startup`: it has been ready once. `/health/ready`: the consumers can take
 * jobs or are paused; where they cannot, it says which and why. None asks a dependency, so that an outage of one does not
 * make an orchestrator kill workers that wait for it.
 */
export const healthRoutes: Layer.Layer<never, never, HttpRouter.HttpRouter | Readiness> = HttpRouter.use(
  Effect.fnUntraced(function*(router) {
    const readiness = yield* Readiness
    let started = false
    const isStarted = Effect.suspend(() => started ? Effect.succeed(true) : Effect.tap(readiness.isReady, (ready) => Effect.sync(() => void (started = ready))))
    yield* router.add("GET", "/health/live", Effect.succeed(answer(200, "live")))
    yield* router.add("GET", "/health/startup", Effect.map(isStarted, (started) => started ? answer(200, "started") : answer(503, "starting")))
    yield* router.add("GET", "/health/ready", Effect.map(readiness.obstacles, (found) => found.length === 0 ? answer(200, "ready") : answer(503, "not ready", found)))
  })
)
