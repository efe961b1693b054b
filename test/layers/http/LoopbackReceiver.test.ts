import { assert, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import * as LoopbackReceiver from "../../../layers/http/LoopbackReceiver.ts"
import { DemoReceiver } from "../../../src/services/DemoReceiver.ts"
import { WebhookSender } from "../../../src/services/WebhookSender.ts"
import { secret, senderWith, someRequest } from "../../support/receiver.ts"

layer(Layer.merge(Layer.fresh(LoopbackReceiver.layer), senderWith()), { excludeTestServices: true })("the demo's receiver", (it) => {
  it.effect("confirms what the worker has signed with its secret, and nothing else", () =>
    Effect.gen(function*() {
      const receiver = yield* DemoReceiver
      const { send } = yield* WebhookSender
      const body = JSON.stringify({ text: "é\u0000" })
      const right = { body, secrets: [secret(receiver.secret)], event: "invoice.processed" }
      const answers = [
        yield* send(someRequest(receiver.url, { ...right, deliveryId: "right" })),
        yield* send(someRequest(receiver.url, { ...right, deliveryId: "wrong", secrets: [secret(`${receiver.secret}x`)] })),
        yield* send(someRequest(receiver.url, { ...right, deliveryId: "unsigned", secrets: [] })),
        yield* send(someRequest(receiver.url, { ...right, deliveryId: "right" }))
      ]
      assert.deepStrictEqual(answers.map(({ answer }) => answer._tag === "Answered" ? answer.status : answer._tag), [204, 400, 400, 204])
      const received = yield* receiver.received
      assert.deepStrictEqual(received.map(({ deliveryId, signed }) => [deliveryId, signed]), [["right", true], ["wrong", false], ["unsigned", false]])
      assert.deepInclude(received[0], { body, event: "invoice.processed", signed: true, standard: true })
      assert.isFalse(received[2]?.standard)
    }))
})
