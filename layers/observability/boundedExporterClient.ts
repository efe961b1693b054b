import { Duration, Effect, Layer, Ref } from "effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"

/** A collector on the same network answers in milliseconds; one that takes longer is of no use. */
const answerLimit = Duration.seconds(5)

/** Batches on their way at once, of a thousand spans each. What comes beyond is thrown away. */
const mostAtOnce = 4

/**
 * The client that telemetry is sent with. A collector that is down or slow costs a bounded amount of memory: a request
 * has a time limit, and while too many wait for their answer no other is begun (the exporter then rests for a minute).
 */
export const boundedExporterClient: Layer.Layer<HttpClient.HttpClient, never, HttpClient.HttpClient> = Layer.effect(
  HttpClient.HttpClient,
  Effect.gen(function*() {
    const client = yield* HttpClient.HttpClient
    const onTheWay = yield* Ref.make(0)
    return HttpClient.transform(client, (response, request) =>
      Effect.gen(function*() {
        const before = yield* Ref.getAndUpdate(onTheWay, (count) => count + 1)
        const failed = (description: string) =>
          new HttpClientError.HttpClientError({ reason: new HttpClientError.EncodeError({ request, description }) })
        // Waiting for as long as it asks would pile up batches in the meantime.
        const unlessBusy = response.pipe(Effect.filterOrFail(({ status }) => status !== 429, () => failed("the collector asks for a pause")))
        return yield* (before >= mostAtOnce ? Effect.fail(failed("too many batches wait for the collector")) : unlessBusy).pipe(
          Effect.timeoutOrElse({ duration: answerLimit, orElse: () => Effect.fail(failed("the collector did not answer in time")) }),
          Effect.ensuring(Ref.update(onTheWay, (count) => count - 1))
        )
      }))
  })
)
