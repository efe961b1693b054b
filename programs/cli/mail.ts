import { Console, Data, Effect, Redacted, Stdio, Stream } from "effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { TenantId } from "../../src/domain/ids.ts"
import { MailboxId } from "../../src/domain/mailbox/MailboxSettings.ts"
import { answerRequest } from "../../src/pipeline/mail/answerRequest.ts"
import { rotateKeys } from "../../src/pipeline/mail/rotateKeys.ts"
import { MailLedger } from "../../src/services/MailLedger.ts"
import { SealedSecrets } from "../../src/services/SealedSecrets.ts"
import { ExitWithStatus } from "./ExitWithStatus.ts"

const tenant = Flag.String("tenant").pipe(Flag.withDescription("The id of the tenant"), Flag.withSchema(TenantId))
const mailbox = Flag.String("mailbox").pipe(Flag.withDescription("The mailbox's id, as tt_worker.mailbox_status shows it"))

export class MailUnknown extends Data.TaggedError("MailUnknown")<{ readonly uid: number }> {
  override get message(): string {
    return `mail ${this.uid} is not known in this mailbox, folder and numbering (tt_worker.mail_log shows them); nothing was enqueued`
  }
}

const asking = (name: "test-connection" | "dry-run", description: string) =>
  Command.make(
    name,
    { tenant, mailbox },
    Effect.fnUntraced(function*({ mailbox, tenant }) {
      const { answer, details, ok, step } = yield* answerRequest({ id: "cli", tenantId: tenant, question: name, mailboxId: mailbox, settings: null })
      yield* Console.log(ok ? answer : `${answer} (step: ${step})`)
      if (details !== null) yield* Console.log(JSON.stringify(details, null, 2))
      if (!ok) return yield* new ExitWithStatus({ status: 1 })
    })
  ).pipe(Command.withDescription(description))

const again = Command.make(
  "again",
  {
    uid: Argument.Int("uid").pipe(Argument.withDescription("The mail's UID")),
    tenant,
    mailbox,
    folder: Flag.String("folder").pipe(Flag.withDefault("INBOX"), Flag.withDescription("The folder")),
    uidValidity: Flag.Int("uid-validity").pipe(Flag.withDescription("The folder's numbering (UIDVALIDITY)"))
  },
  Effect.fnUntraced(function*({ folder, mailbox, tenant, uid, uidValidity }) {
    const ledger = yield* MailLedger
    const asked = yield* ledger.askAgain(tenant, MailboxId.make(mailbox), { folder, uidValidity: BigInt(uidValidity) }, uid)
    if (!asked) return yield* new MailUnknown({ uid })
    yield* Console.log(`mail ${uid} is looked at again with the sync that was just enqueued`)
  })
).pipe(Command.withDescription("Look at one mail again and import what is not an invoice yet"))

const seal = Command.make(
  "seal",
  { tenant, mailbox },
  Effect.fnUntraced(function*({ mailbox, tenant }) {
    const stdio = yield* Stdio.Stdio
    const secrets = yield* SealedSecrets
    const text = (yield* Stream.mkString(Stream.decodeText(stdio.stdin))).replace(/\r?\n$/, "")
    const sealed = yield* secrets.seal(Redacted.make(text), { tenantId: tenant, mailboxId: mailbox })
    yield* Console.log(Redacted.value(sealed))
  })
).pipe(Command.withDescription("Seal a password or token from standard input for one mailbox, to be put into emailSettings"))

const rotate = Command.make(
  "rotate-keys",
  { plain: Flag.Boolean("seal-plain").pipe(Flag.withDefault(false), Flag.withDescription("Also seal what is stored in plain text")) },
  Effect.fnUntraced(function*({ plain }) {
    const { left, sealed } = yield* rotateKeys({ plain })
    yield* Console.log(`${sealed} secrets were sealed under the first key of MAIL_KEYS; ${left} were left`)
    if (left > 0) return yield* new ExitWithStatus({ status: 1 })
  })
).pipe(Command.withDescription("Seal stored mail passwords and tokens under the first key of MAIL_KEYS"))

/** `mail …`: what an operator does about mailboxes. */
export const mail = Command.make("mail").pipe(
  Command.withDescription("Mailboxes: test, try out, import again, seal secrets"),
  Command.withSubcommands([
    asking("test-connection", "Log in to a mailbox and open its folders; says at which step it failed"),
    asking("dry-run", "Show what a first sync would import, and import nothing"),
    again,
    seal,
    rotate
  ])
)
