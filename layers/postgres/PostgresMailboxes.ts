import { DateTime, Duration, Effect, Layer, Redacted, Schema } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { EmailSyncError } from "../../src/domain/events/otherWorkerEvents.ts"
import { TenantId } from "../../src/domain/ids.ts"
import { type EmailAccounts, readEmailSettings } from "../../src/domain/mailbox/emailSettings.ts"
import { MailboxId } from "../../src/domain/mailbox/MailboxSettings.ts"
import { Events } from "../../src/services/Events.ts"
import { type MailboxClaim, MailboxClaimAnswer, type MailboxClaimRequest, Mailboxes, SyncEnd } from "../../src/services/Mailboxes.ts"
import { claimLost, toMailboxesError } from "./mailboxesError.ts"
import * as Statements from "./mailboxStatements.ts"

const decodeSettings = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ settings: Schema.Unknown, takenOver: Schema.Boolean })))
const decodeIds = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ id: TenantId })))
const decodeTaken = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({
  epoch: Schema.BigIntFromString,
  syncedAgoMillis: Schema.NullOr(Schema.Number),
  loginFailures: Schema.Int,
  paused: Schema.Boolean,
  waitMillis: Schema.NullOr(Schema.Finite),
  lastError: Schema.NullOr(Schema.String),
  refreshToken: Schema.NullOr(Schema.String),
  refreshTokenFor: Schema.NullOr(Schema.String)
})))
const decodeLease = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ leaseMillis: Schema.NullOr(Schema.Finite) })))

const decodeBefore = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ lastErrorCode: Schema.NullOr(Schema.String), paused: Schema.Boolean })))

const decodeIdle = Schema.decodeUnknownEffect(Schema.Array(Schema.Struct({ tenantId: TenantId, mailboxId: MailboxId })))

const ending = "the end of the sync could not be recorded"

/** A lease may end while we look at it. */
const shortestWait = Duration.seconds(2)

/** `Mailboxes` in PostgreSQL. */
export const PostgresMailboxes: Layer.Layer<Mailboxes, never, SqlClient.SqlClient | Events> = Layer.effect(
  Mailboxes,
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const events = yield* Events

    const settingsOf = (tenantId: TenantId) => Statements.loadSettings(sql, tenantId).pipe(Effect.flatMap(decodeSettings), Effect.map(([row]) => row))

    /** One row, or the claim is another's. */
    const held = (claim: MailboxClaim, doing: string, statement: Effect.Effect<ReadonlyArray<unknown>, unknown>) =>
      statement.pipe(
        Effect.flatMap((rows) => rows.length === 1 ? Effect.void : Effect.fail(claimLost(claim.tenantId, doing))),
        Effect.mapError(toMailboxesError(claim.tenantId, doing))
      )

    /** The row, and where something has to be done about it, the event: told when the reason is a new one. */
    const fail = Effect.fnUntraced(function*(claim: MailboxClaim, { code, lasting, login, pause, sentence }: Extract<SyncEnd, { _tag: "Failed" }>) {
      const [before] = yield* Statements.lockClaim(sql, claim).pipe(Effect.flatMap(decodeBefore))
      if (before === undefined) return yield* claimLost(claim.tenantId, ending)
      yield* Statements.markFailed(sql, claim, {
        code,
        sentence,
        pauseMillis: pause === null ? null : Duration.toMillis(pause),
        refused: login !== "not-to-blame",
        paused: login === "paused"
      })
      if (!lasting || (before.lastErrorCode === code && login !== "paused")) return
      const { mailboxId, tenantId } = claim
      yield* events.emit(tenantId, "email-sync.error", {
        type: "email-sync.error",
        timestamp: DateTime.formatIso(yield* DateTime.now),
        data: { tenantId, mailboxId, errorCode: code, errorMessage: `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.` }
      } satisfies typeof EmailSyncError.Type, `email-sync.error:${mailboxId}:${claim.epoch}`, { orderingKey: mailboxId })
    })

    return Mailboxes.of({
      accounts: Effect.fn("Mailboxes.accounts")((tenantId: TenantId) =>
        settingsOf(tenantId).pipe(
          Effect.map((row) => row === undefined ? null : { ...readEmailSettings(row.settings), takenOver: row.takenOver }),
          Effect.mapError(toMailboxesError(tenantId, "the settings could not be read"))
        )
      ),

      changed: Effect.fn("Mailboxes.changed")((limit: number) =>
        Statements.changedTenants(sql, limit).pipe(
          Effect.flatMap(decodeIds),
          Effect.map((rows) => rows.map(({ id }) => id)),
          Effect.mapError(toMailboxesError(null, "changed settings could not be looked for"))
        )
      ),

      takeOver: Effect.fn("Mailboxes.takeOver")(function*(tenantId: TenantId, accounts: EmailAccounts, digests: ReadonlyMap<MailboxId, string>) {
        const rows = accounts.mailboxes.map(({ credentials, email, enabled, host, id, idle }) => ({
          id,
          email,
          host,
          enabled,
          // A connection that outlives a sync has no claim under which a rotated token could be kept.
          idle: idle && credentials._tag === "Password",
          credentials: digests.get(id) ?? ""
        }))
        yield* Statements.noteTakenOver(sql, tenantId, JSON.stringify(accounts.notTakenOver), JSON.stringify(Redacted.value(accounts.raw) ?? null))
        yield* Statements.upsertMailboxes(sql, tenantId, JSON.stringify(rows))
        yield* Statements.markRemoved(sql, tenantId, JSON.stringify(rows.map(({ id }) => id)))
      }, (effect, tenantId) => sql.withTransaction(effect).pipe(Effect.mapError(toMailboxesError(tenantId, "the settings could not be taken over")))),

      idle: Effect.fn("Mailboxes.idle")((limit: number) =>
        Statements.idleMailboxes(sql, limit).pipe(
          Effect.flatMap(decodeIdle),
          Effect.mapError(toMailboxesError(null, "mailboxes to listen to could not be looked for"))
        )
      ),

      claim: Effect.fn("Mailboxes.claim")(
        function*(tenantId: TenantId, mailboxId: MailboxId, { holder, jobId, lease }: MailboxClaimRequest) {
          const [row] = yield* Statements.takeMailbox(sql, tenantId, mailboxId, jobId, holder, Duration.toMillis(lease)).pipe(Effect.flatMap(decodeTaken))
          if (row !== undefined) {
            return MailboxClaimAnswer.Claimed({
              claim: { tenantId, mailboxId, epoch: row.epoch },
              state: {
                syncedAgo: row.syncedAgoMillis === null ? null : Duration.millis(Math.max(0, row.syncedAgoMillis)),
                loginFailures: row.loginFailures,
                paused: row.paused,
                waits: row.waitMillis === null || row.waitMillis <= 0 ? null : Duration.millis(row.waitMillis),
                lastError: row.lastError,
                refreshToken: row.refreshToken === null || row.refreshTokenFor === null ? null : { stored: row.refreshToken, madeFrom: row.refreshTokenFor }
              }
            })
          }
          const [found] = yield* Statements.leaseOf(sql, tenantId, mailboxId).pipe(Effect.flatMap(decodeLease))
          return found === undefined
            ? MailboxClaimAnswer.Unknown()
            : MailboxClaimAnswer.Busy({ after: Duration.max(shortestWait, Duration.millis(found.leaseMillis ?? 0)) })
        },
        (effect, tenantId) => Effect.mapError(effect, toMailboxesError(tenantId, "a mailbox could not be taken"))
      ),

      renew: Effect.fn("Mailboxes.renew")((claim: MailboxClaim, lease: Duration.Duration) =>
        held(claim, "the claim could not be renewed", Statements.renewLease(sql, claim, Duration.toMillis(lease)))
      ),

      finish: Effect.fn("Mailboxes.finish")((claim: MailboxClaim, end: SyncEnd) =>
        SyncEnd.$match(end, {
          Synced: ({ complete, note }) => held(claim, ending, Statements.markSynced(sql, claim, note, complete)),
          PutOff: ({ note, pause }) => held(claim, ending, Statements.markPutOff(sql, claim, note, Duration.toMillis(pause))),
          Failed: (failed) => sql.withTransaction(fail(claim, failed)).pipe(Effect.mapError(toMailboxesError(claim.tenantId, ending)))
        })
      ),

      release: Effect.fn("Mailboxes.release")((claim: MailboxClaim) =>
        Statements.letGo(sql, claim).pipe(Effect.asVoid, Effect.mapError(toMailboxesError(claim.tenantId, "a mailbox could not be let go")))
      ),

      keepRefreshToken: Effect.fn("Mailboxes.keepRefreshToken")((claim: MailboxClaim, token: Redacted.Redacted<string>, madeFrom: string) =>
        held(claim, "the provider's new token could not be kept", Statements.writeRefreshToken(sql, claim, Redacted.value(token), madeFrom))
      )
    })
  })
)
