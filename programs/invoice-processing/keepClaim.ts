import { Duration, Effect } from "effect"
import { type InvoiceClaim, Invoices, type InvoicesError } from "../../src/services/Invoices.ts"

/** After this long without a sign of life a claim counts as dead and another job may take the invoice. */
export const claimLease = Duration.seconds(30)
const renewEvery = Duration.seconds(10)

/**
 * Renews the claim until it is interrupted; fails when somebody else has taken it. A database that is away for a
 * moment is no reason to stop: every later write is fenced anyway.
 */
export const keepClaim = (claim: InvoiceClaim): Effect.Effect<never, InvoicesError, Invoices> =>
  Effect.gen(function*() {
    const invoices = yield* Invoices
    return yield* Effect.sleep(renewEvery).pipe(
      Effect.andThen(invoices.renew(claim, claimLease)),
      Effect.catchIf(
        (error) => error.reason._tag !== "ClaimLost",
        (error) => Effect.logWarning("the claim could not be renewed; it is tried again", error)
      ),
      Effect.forever
    )
  })
