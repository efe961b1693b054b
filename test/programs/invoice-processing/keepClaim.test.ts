import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Layer, Logger } from "effect"
import { TestClock } from "effect/testing"
import { InvoiceProcessing } from "../../../programs/invoice-processing/InvoiceProcessing.ts"
import { claimLease } from "../../../programs/invoice-processing/keepClaim.ts"
import { defaultFeatures } from "../../../src/domain/Features.ts"
import { InvoiceId, StorageKey, TenantId } from "../../../src/domain/ids.ts"
import { ClaimAnswer, Invoices, InvoicesError, InvoicesReason, ReprocessingAnswer } from "../../../src/services/Invoices.ts"
import { ReceivedFiles } from "../../../src/services/ReceivedFiles.ts"
import { Tenants } from "../../../src/services/Tenants.ts"
import { runAttempt } from "../../support/untracedAttempt.ts"
import { invoiceAttempt, jpegBytes, outsideWorld } from "../../support/invoiceServices.ts"

const claim = { tenantId: TenantId.make("t"), invoiceId: InvoiceId.make("i"), epoch: 3n, generation: 1 }
const lost = new InvoicesError({ invoiceId: "i", reason: InvoicesReason.ClaimLost(), detail: "taken over" })
const away = new InvoicesError({ invoiceId: "i", reason: InvoicesReason.Unavailable(), detail: "not reached" })

/** An attempt whose download takes so long, on a table whose renewals end as said (the last one for ever). */
const attemptOf = (download: Duration.Duration, renewals: ReadonlyArray<Effect.Effect<void, InvoicesError>>) => {
  const seen = { renewed: 0, completed: 0, interrupted: 0, leases: new Set<number>() }
  const invoices: Invoices["Service"] = {
    claim: () => Effect.succeed(ClaimAnswer.Claimed({ invoice: { claim, fileKey: StorageKey.make("k") } })),
    renew: (_, lease) =>
      Effect.suspend(() => {
        seen.leases.add(Duration.toMillis(lease))
        return renewals[Math.min(seen.renewed++, renewals.length - 1)] ?? Effect.void
      }),
    complete: () => Effect.sync(() => void seen.completed++),
    fail: () => Effect.fail(lost),
    noteRetry: () => Effect.fail(lost),
    release: () => Effect.void,
    setAside: () => Effect.void,
    requestReprocessing: () => Effect.succeed(ReprocessingAnswer.NotFound())
  }
  const world = Layer.mergeAll(
    outsideWorld({
      download: () => Effect.as(Effect.sleep(download), jpegBytes).pipe(Effect.onInterrupt(() => Effect.sync(() => void seen.interrupted++)))
    }),
    Layer.succeed(Invoices, invoices),
    Layer.succeed(ReceivedFiles, { check: () => Effect.void }),
    Layer.succeed(Tenants, { features: () => Effect.succeed({ ...defaultFeatures, invoices: true }) }),
    Logger.layer([])
  )
  const attempt = runAttempt(InvoiceProcessing)(invoiceAttempt({ invoiceId: "i", tenantId: "t" }, { addedAt: 0 })).pipe(Effect.provide(world))
  return { seen, attempt }
}

describe("the claim on an invoice", () => {
  it.effect("is renewed three times a lease, for as long as the work goes on", () =>
    Effect.gen(function*() {
      const { attempt, seen } = attemptOf(Duration.seconds(65), [Effect.void])
      const running = yield* Effect.forkChild(attempt)
      for (let second = 0; second < 65; second++) yield* TestClock.adjust("1 second")
      // Digests are made outside Effect's clock.
      assert.strictEqual((yield* Fiber.join(running))._tag, "Complete")
      assert.strictEqual(seen.renewed, 6)
      assert.deepStrictEqual([...seen.leases], [Duration.toMillis(claimLease)])
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(seen.renewed, 6, "and no longer")
    }))

  it.effect("interrupts the work when somebody else has taken it, and nothing is written", () =>
    Effect.gen(function*() {
      const { attempt, seen } = attemptOf(Duration.minutes(2), [Effect.void, Effect.fail(lost)])
      const running = yield* Effect.forkChild(attempt)
      yield* TestClock.adjust("10 seconds")
      yield* TestClock.adjust("10 seconds")
      const verdict = yield* Fiber.join(running)
      assert.deepInclude(verdict, { _tag: "Postpone" })
      assert.deepInclude(seen, { renewed: 2, interrupted: 1, completed: 0 })
    }))

  it.effect("outlasts a database that is away for a moment", () =>
    Effect.gen(function*() {
      const { attempt, seen } = attemptOf(Duration.seconds(45), [Effect.fail(away), Effect.fail(away), Effect.void])
      const running = yield* Effect.forkChild(attempt)
      for (let second = 0; second < 45; second++) yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(running))._tag, "Complete")
      assert.deepInclude(seen, { renewed: 4, completed: 1, interrupted: 0 })
    }))
})
