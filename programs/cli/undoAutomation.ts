import { Console, type DateTime, Data, Effect, Option, Schema } from "effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { TenantId } from "../../src/domain/ids.ts"
import { TimeSheets } from "../../src/services/TimeSheets.ts"

export class NothingToUndo extends Data.TaggedError("NothingToUndo")<{ readonly automation: string; readonly user: string }> {
  override get message(): string {
    return `user ${this.user} has no run of automation ${this.automation} that wrote something and was not undone; nothing was changed`
  }
}

/** `undo-automation AUTOMATION --tenant TENANT --user USER [--occurrence TIME]`: takes back what its runs wrote to entries. */
export const undoAutomation = Command.make(
  "undo-automation",
  {
    automation: Argument.String("automation").pipe(Argument.withDescription("The automation's id")),
    tenant: Flag.String("tenant").pipe(Flag.withDescription("The id of the tenant"), Flag.withSchema(TenantId)),
    user: Flag.String("user").pipe(Flag.withDescription("The id of the tenant user")),
    occurrence: Flag.String("occurrence").pipe(
      Flag.withDescription("Only the run that was due then (ISO 8601, UTC); else all that are remembered"),
      Flag.withSchema(Schema.DateTimeUtcFromString),
      Flag.optional
    )
  },
  Effect.fnUntraced(function*({ automation, occurrence, tenant, user }) {
    const sheets = yield* TimeSheets
    const { entries, kept, runs } = yield* sheets.undo(tenant, user, automation, Option.getOrNull<DateTime.Utc>(occurrence))
    if (runs === 0) return yield* new NothingToUndo({ automation, user })
    yield* Console.log(`${runs} run${runs === 1 ? "" : "s"} undone: ${entries} entries taken back, ${kept} left as they are, since people have changed, approved or exported them`)
  })
).pipe(Command.withDescription("Take back what an automation wrote: entries that it made, ended or handed over and that nobody has changed since"))
