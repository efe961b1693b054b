import { Console, Duration, Effect, Schedule } from "effect"
import type { TenantId } from "../../../src/domain/ids.ts"
import { DemoApi, type DemoSubscription } from "../../../src/services/DemoApi.ts"
import { DemoReceiver, type ReceivedDelivery } from "../../../src/services/DemoReceiver.ts"
import { shorten } from "../table.ts"

/** From the commit of a row to its delivery takes well under a second. */
const patience = Duration.seconds(15)

/** A webhook of the firm's for everything about invoices, to a receiver on this machine, as long as the demo runs. */
export const subscribe = Effect.fnUntraced(function*(tenantId: TenantId) {
  const { secret, url } = yield* DemoReceiver
  return yield* (yield* DemoApi).subscribe(tenantId, { url, secret, events: ["invoice.*"] })
})

const whyRefused = "where a supervisor runs already, or others share database or queue, webhooks call this machine only with ALLOWED_PRIVATE_HOSTS=127.0.0.1."

const isVerified = ({ signed, standard }: ReceivedDelivery): boolean => signed && standard

const oneDelivery = (url: string, { body, deliveryId, event, signatures }: ReceivedDelivery): string =>
  [
    `  POST ${url}`,
    `  X-Webhook-Event: ${event}`,
    `  X-Webhook-Delivery: ${deliveryId}`,
    `  X-Signature-256: ${signatures.legacy}`,
    `  webhook-signature: ${signatures.standard}`,
    "",
    `  ${shorten(body, 120)}`
  ].join("\n")

/**
 * Waits until so many deliveries have come, shows the last one, and says what was wrong. A supervisor that serves the
 * same queue may have taken some; where its operator has not allowed loopback, it refuses them, as it must.
 */
export const showDeliveries = Effect.fnUntraced(function*(subscription: DemoSubscription, expected: number) {
  const { received, url } = yield* DemoReceiver
  const look = Effect.gen(function*() {
    const all = yield* received
    const came = new Set(all.map(({ deliveryId }) => deliveryId))
    const written = yield* subscription.deliveries
    const refused = written.filter(({ errorClass, id }) => errorClass === "url-refused" && !came.has(id))
    return { all, refused: refused.length, ended: all.length + refused.length >= expected }
  })
  const { all, refused } = yield* look.pipe(
    Effect.repeat({ until: ({ ended }) => ended, schedule: Schedule.spaced(Duration.millis(50)) }),
    Effect.timeoutOrElse({ duration: patience, orElse: () => look })
  )
  const last = all.at(-1)
  if (last !== undefined) yield* Console.log(`The firm has a webhook, to a receiver on this machine. The last that it was told:\n\n${oneDelivery(url, last)}\n`)
  const unverified = all.filter((delivery) => !isVerified(delivery))
  if (refused < expected) yield* Console.log(`  ${all.length - unverified.length} of ${expected} deliveries received, and their signatures verified.`)
  if (refused > 0) yield* Console.log(`  ${refused} of ${expected} deliveries were refused: ${whyRefused}`)
  yield* Console.log("")
  return [
    ...(all.length + refused < expected ? [`webhook: ${expected - all.length - refused} deliveries did not arrive in time`] : []),
    ...unverified.map(({ deliveryId, event }) => `webhook: the signature of ${event} (${deliveryId}) does not fit`)
  ]
})
