import { Duration, Effect, Redacted } from "effect"
import type { TenantId } from "../../domain/ids.ts"
import { readEmailSettings } from "../../domain/mailbox/emailSettings.ts"
import type { Mailbox } from "../../domain/mailbox/MailboxSettings.ts"
import { durationInWords } from "../../domain/plainWords.ts"
import { Limits } from "../../services/Limits.ts"
import { Mailboxes, type MailboxesError } from "../../services/Mailboxes.ts"
import type { MailError } from "../../services/MailServers.ts"
import type { MailAnswer, MailQuestion, MailRequest } from "../../services/MailRequests.ts"
import type { StorageError } from "../../services/ObjectStorage.ts"
import { connectMailbox } from "./connectMailbox.ts"
import { dryRun, dryRunInWords } from "./dryRun.ts"

/** A button is pressed now and then; somebody who tries hosts and passwords presses it all the time. */
const testsAllowed = { rate: { limit: 10, window: Duration.minutes(10) }, concurrency: 2 } as const
const answerLimit = Duration.minutes(3)

const failed = (step: MailAnswer["step"], answer: string): MailAnswer => ({ ok: false, step, answer: sentence(answer), details: null })
const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`

/** Logs in and opens each folder, read-only: says how far it came. */
const testConnection = (tenantId: TenantId, mailbox: Mailbox) =>
  Effect.scoped(Effect.gen(function*() {
    const session = yield* connectMailbox(tenantId, mailbox, null)
    const folders: Array<string> = []
    for (const folder of mailbox.folders) {
      const { exists } = yield* session.open(folder, { writable: false })
      folders.push(`${folder}: ${exists} ${exists === 1 ? "mail" : "mails"}`)
    }
    return { ok: true, step: "done", answer: `The connection works (${folders.join(", ")}).`, details: null } satisfies MailAnswer
  }))

const tryOut = (tenantId: TenantId, mailbox: Mailbox) =>
  Effect.map(dryRun(tenantId, mailbox, null), (found): MailAnswer => ({ ok: true, step: "done", answer: sentence(dryRunInWords(found)), details: found.mails }))

const failure = (error: MailError | MailboxesError | StorageError): Effect.Effect<MailAnswer, MailboxesError | StorageError> =>
  error._tag === "MailError" ? Effect.succeed(failed(error.step, error.plainWords)) : Effect.fail(error)

/** The answer about one mailbox's settings. Limited by tenant: it tells little enough about hosts, and not often. */
export const askMailbox = Effect.fn("MailPipeline.askMailbox")(function*(tenantId: TenantId, mailbox: Mailbox, question: MailQuestion) {
  const limits = yield* Limits
  const asked = question === "dry-run" ? tryOut(tenantId, mailbox) : testConnection(tenantId, mailbox)
  return yield* limits.withLimits(
    `mail-test:${tenantId}`,
    testsAllowed,
    asked.pipe(
      Effect.catch(failure),
      Effect.timeoutOrElse({ duration: answerLimit, orElse: () => Effect.succeed(failed("connect", `${mailbox.host} is too slow`)) })
    )
  ).pipe(
    Effect.catchTag("LimitReached", ({ after }) =>
      Effect.succeed(failed("settings", `too many tests in a short time; please try again in ${durationInWords(after)}`)))
  )
})

/** The answer to a request: about the settings in it, or about a saved mailbox. */
export const answerRequest = Effect.fn("MailPipeline.answerRequest")(function*({ mailboxId, question, settings, tenantId }: MailRequest) {
  const accounts = settings === null ? yield* (yield* Mailboxes).accounts(tenantId) : readEmailSettings(Redacted.value(settings))
  const [refused] = accounts?.notTakenOver ?? []
  const mailbox = accounts?.mailboxes.find(({ id }) => mailboxId === null || id === mailboxId)
  if (mailbox !== undefined) return yield* askMailbox(tenantId, mailbox, question)
  return failed("settings", settings !== null && refused !== undefined ? `the settings cannot be used: ${refused.problem}` : "there is no such mailbox in the settings")
})
