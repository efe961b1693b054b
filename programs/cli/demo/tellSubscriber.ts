import { Console, Duration, Effect, Schedule } from "effect"
import type { TenantId } from "../../../src/domain/ids.ts"
import { DemoApi } from "../../../src/services/DemoApi.ts"
import { DemoReceiver, type ReceivedDelivery } from "../../../src/services/DemoReceiver.ts"
import { shorten } from "../table.ts"

/** From the commit of a row to its delivery takes well under a second. */
const patience = Duration.seconds(15)

/** A webhook of the firm's for everything about invoices, as long as the demo runs. */
export const subscribe = Effect.fnUntraced(function*(tenantId: TenantId) {
  const { secret, url } = yield* DemoReceiver
  yield* (yield* DemoApi).subscribe(tenantId, { url, secret, events: ["invoice.*"] })
})

const isVerified = ({ signed, standard }: ReceivedDelivery): boolean => signed && standard

const oneDelivery = (url: string, { body, deliveryId, event, signatures }: ReceivedDelivery): string =>
  [
    `  POST ${url}`,
    `  X-Webhook-Event: ${event}`,
    `  X-Webhook-Delivery: ${deliveryId}`,
    `  X-Signature-256: ${signatures.legacy}`,
    `  webhook-signature: ${signatures.standard}`,
    "",
    `  ${shorten(body, 150)}`
  ].join("\n")

/** Waits until so many deliveries have come, shows the last one, and says what was wrong. */
export const showDeliveries = Effect.fnUntraced(function*(expected: number) {
  const { received, url } = yield* DemoReceiver
  const deliveries = yield* received.pipe(
    Effect.repeat({ until: (all) => all.length >= expected, schedule: Schedule.spaced(Duration.millis(50)) }),
    Effect.timeoutOption(patience),
    Effect.andThen(received)
  )
  const last = deliveries.at(-1)
  if (last !== undefined) {
    yield* Console.log(`The firm's webhook was told, at a receiver on this machine; the last delivery:\n\n${oneDelivery(url, last)}\n`)
  }
  const unverified = deliveries.filter((delivery) => !isVerified(delivery))
  yield* Console.log(`  ${deliveries.length - unverified.length} of ${expected} deliveries received and verified with the webhook's secret.\n`)
  return [
    ...(deliveries.length < expected ? [`webhook: ${expected - deliveries.length} deliveries did not arrive in time`] : []),
    ...unverified.map(({ deliveryId, event }) => `webhook: the signature of ${event} (${deliveryId}) does not fit`)
  ]
})
