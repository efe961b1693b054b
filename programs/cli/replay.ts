import { Console, Data, Duration, Effect, Option, Schema } from "effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { QUEUE_NAMES } from "../../src/contract/index.ts"
import { TenantId, WebhookDeliveryId, WebhookId } from "../../src/domain/ids.ts"
import { QueueControls } from "../../src/services/QueueControls.ts"
import { type ReplayFilter, WebhookDeliveries } from "../../src/services/WebhookDeliveries.ts"
import { by, json } from "./flags.ts"

/** Rows of one transaction. */
const atOnce = 500
const mostPerSecond = 100
const states = ["failed", "cancelled", "delivered"] as const

export class NothingFits extends Data.TaggedError("NothingFits")<{ readonly tenant: string }> {
  override get message(): string {
    return `tenant ${this.tenant} has no delivery that is over and fits; nothing was sent again`
  }
}

const Time = Schema.DateTimeUtcFromString
const Pace = Schema.NumberFromString.check(Schema.isBetween({ minimum: 0.01, maximum: mostPerSecond }))

const counted = (count: number): string => `${count} ${count === 1 ? "delivery" : "deliveries"}`

/** All at once would be one long transaction; the jobs come one after the other all the same. */
const replayAll = Effect.fnUntraced(function*(filter: ReplayFilter, perSecond: number, total: number) {
  const deliveries = yield* WebhookDeliveries
  let done = 0
  while (done < total) {
    const pace = { perSecond, startAfter: Duration.seconds(done / perSecond) }
    const opened = yield* deliveries.replay(filter, { pace, limit: Math.min(atOnce, total - done), dryRun: false })
    if (opened === 0) break
    done += opened
  }
  return done
})

/**
 * `replay [DELIVERY…] --tenant TENANT`: deliveries that are over are sent again, the same bytes under the same id, slowly.
 * Without ids those that failed; they say nothing about the health of their endpoint.
 */
export const replay = Command.make(
  "replay",
  {
    delivery: Argument.String("delivery").pipe(Argument.withDescription("Ids of deliveries; none for all that fit"), Argument.withSchema(WebhookDeliveryId), Argument.variadic()),
    tenant: Flag.String("tenant").pipe(Flag.withDescription("The id of the tenant they belong to"), Flag.withSchema(TenantId)),
    webhook: Flag.String("webhook").pipe(Flag.withDescription("Only those of this webhook"), Flag.withSchema(WebhookId), Flag.optional),
    event: Flag.String("event").pipe(Flag.withDescription("Only those of this event"), Flag.optional),
    status: Flag.Literals("status", states).pipe(Flag.withDescription("Only those that ended so; without ids and this, those that failed"), Flag.optional),
    since: Flag.String("since").pipe(Flag.withDescription("Only those created since this day or time (ISO 8601)"), Flag.withSchema(Time), Flag.optional),
    until: Flag.String("until").pipe(Flag.withDescription("Only those created before this day or time (ISO 8601)"), Flag.withSchema(Time), Flag.optional),
    perSecond: Flag.String("per-second").pipe(Flag.withDescription(`So many a second, ${mostPerSecond} at most`), Flag.withSchema(Pace), Flag.withDefault(5)),
    dryRun: Flag.Boolean("dry-run").pipe(Flag.withDescription("Only say how many would be sent again"), Flag.withDefault(false)),
    by,
    json
  },
  Effect.fnUntraced(function*({ by, delivery, dryRun, event, json, perSecond, since, status, tenant, until, webhook }) {
    const deliveries = yield* WebhookDeliveries
    const filter: ReplayFilter = {
      tenantId: tenant,
      webhookId: Option.getOrNull(webhook),
      deliveryIds: delivery.length === 0 ? null : delivery,
      statuses: Option.match(status, { onSome: (one): ReadonlyArray<string> | null => [one], onNone: () => delivery.length === 0 ? ["failed"] : null }),
      event: Option.getOrNull(event),
      since: Option.getOrNull(since),
      until: Option.getOrNull(until)
    }
    const total = yield* deliveries.replay(filter, { pace: { perSecond, startAfter: Duration.zero }, limit: 1_000_000, dryRun: true })
    if (total === 0) return yield* new NothingFits({ tenant })
    const time = Duration.format(Duration.seconds(Math.ceil(total / perSecond)))
    if (dryRun) return yield* Console.log(json ? JSON.stringify({ tenantId: tenant, wouldBeSentAgain: total }) : `${counted(total)} would be sent again, within ${time}`)
    const done = yield* replayAll(filter, perSecond, total)
    const value = delivery.length === 1 ? delivery[0] ?? "" : counted(done)
    yield* QueueControls.use(({ note }) => note({ by, action: "Replay", queue: QUEUE_NAMES.WEBHOOK_DELIVERY, tenantId: tenant, value }))
    yield* Console.log(json ? JSON.stringify({ tenantId: tenant, sentAgain: done }) : `${counted(done)} sent again, within ${time}`)
  })
).pipe(
  Command.withDescription("Send webhook deliveries again that are over: one, some, or all that fit"),
  Command.withExamples([
    { command: "tt-worker replay dlv_4711 --tenant t1", description: "One delivery, whatever became of it" },
    { command: "tt-worker replay --tenant t1 --webhook w1 --since 2026-11-20 --dry-run", description: "How many of this webhook's failed deliveries since that day would be sent again" }
  ])
)
