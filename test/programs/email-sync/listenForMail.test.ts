import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Layer, Redacted, Stream } from "effect"
import { TestClock } from "effect/testing"
import { memoryStores } from "../../../layers/limits/memoryStores.ts"
import * as SharedLimits from "../../../layers/limits/SharedLimits.ts"
import { listenForMail } from "../../../programs/email-sync/listenForMail.ts"
import { TenantId } from "../../../src/domain/ids.ts"
import { readEmailSettings } from "../../../src/domain/mailbox/emailSettings.ts"
import { MailboxId } from "../../../src/domain/mailbox/MailboxSettings.ts"
import { JobOutbox } from "../../../src/services/JobOutbox.ts"
import { Mailboxes } from "../../../src/services/Mailboxes.ts"
import { MailCredentials } from "../../../src/services/MailCredentials.ts"
import { MailError, MailReason, MailServers, type MailSession } from "../../../src/services/MailServers.ts"

type Ending = "mail" | "lost" | "quiet"

/** Mailboxes that want to be listened to, on a server whose connections end as the script says; the last goes on for ever. */
const world = (options: { readonly mailboxes?: number; readonly script?: ReadonlyArray<Ending>; readonly uidNexts?: ReadonlyArray<number> }) => {
  const script = [...options.script ?? []]
  const uidNexts = [...options.uidNexts ?? []]
  const state = { connected: 0, open: 0, jobs: [] as Array<string>, asked: [] as Array<number> }
  const lost = new MailError({ host: "h", step: "folder", reason: MailReason.Lost() })
  const notAsked = () => Effect.die("not asked for")
  const session: MailSession = {
    list: notAsked,
    look: notAsked,
    start: notAsked,
    rest: () => Stream.die("not asked for"),
    reaching: notAsked,
    flag: notAsked,
    move: notAsked,
    received: Effect.succeed(0),
    open: () => Effect.sync(() => ({ uidValidity: 1n, uidNext: uidNexts.shift() ?? 5, exists: 1 })),
    awaitMail: () =>
      Effect.suspend(() => {
        const ending = script.shift()
        return ending === "mail" ? Effect.succeed(true) : ending === "lost" ? Effect.fail(lost) : ending === "quiet" ? Effect.succeed(false) : Effect.never
      })
  }
  const ids = Array.from({ length: options.mailboxes ?? 1 }, (_, n) => ({ tenantId: TenantId.make(`t${n}`), mailboxId: MailboxId.make("box") }))
  const layer = Layer.mergeAll(
    Layer.mock(Mailboxes, {
      idle: (limit) => Effect.sync(() => (state.asked.push(limit), ids.slice(0, limit))),
      accounts: () => Effect.succeed({ ...readEmailSettings({ id: "box", email: "a@b.example", host: "h", password: "p" }), takenOver: true })
    }),
    Layer.mock(JobOutbox, { enqueue: (_queue, { tenantId }) => Effect.sync(() => (state.jobs.push(tenantId), "id")) }),
    Layer.mock(MailCredentials, { login: () => Effect.succeed({ _tag: "AccessToken", user: "u", token: Redacted.make("t") }) }),
    Layer.succeed(MailServers, {
      connect: () =>
        Effect.acquireRelease(
          Effect.sync(() => {
            state.connected++
            state.open++
            return session
          }),
          () => Effect.sync(() => state.open--)
        )
    }),
    SharedLimits.layer.pipe(Layer.provide(memoryStores))
  )
  return { state, run: Effect.provide(listenForMail, layer) }
}

describe("listening to mailboxes", () => {
  it.effect("has a sync made when something comes, and listens on", () =>
    Effect.gen(function*() {
      const { run, state } = world({ script: ["mail", "mail"] })
      yield* Effect.forkChild(run)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual([state.jobs.length, state.connected, state.open], [2, 1, 1])
    }))

  it.effect("connects again a minute after the connection was lost, and has a sync made if something has come meanwhile", () =>
    Effect.gen(function*() {
      const { run, state } = world({ script: ["lost", "lost"], uidNexts: [5, 6, 6] })
      yield* Effect.forkChild(run)
      yield* TestClock.adjust("59 seconds")
      assert.deepStrictEqual([state.connected, state.open], [1, 0])
      yield* TestClock.adjust("35 seconds")
      assert.deepStrictEqual([state.connected, state.jobs.length], [2, 1])
      yield* TestClock.adjust("2 minutes")
      assert.deepStrictEqual([state.connected, state.jobs.length, state.open], [3, 1, 1])
    }))

  it.effect("makes the connection anew after a quiet while", () =>
    Effect.gen(function*() {
      const { run, state } = world({ script: ["quiet"] })
      yield* Effect.forkChild(run)
      yield* TestClock.adjust("31 seconds")
      assert.deepStrictEqual([state.connected, state.open, state.jobs.length], [2, 1, 0])
    }))

  it.effect("holds few connections however many want it, and closes all of them when it ends", () =>
    Effect.gen(function*() {
      const { run, state } = world({ mailboxes: 300 })
      const listening = yield* Effect.forkChild(run)
      yield* TestClock.adjust(Duration.minutes(5))
      assert.strictEqual(state.open, 20)
      assert.isTrue(state.asked.every((limit) => limit === 20))
      yield* Fiber.interrupt(listening)
      assert.strictEqual(state.open, 0)
    }))
})
