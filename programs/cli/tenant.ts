import { Console, Data, Effect } from "effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { TenantId } from "../../src/domain/ids.ts"
import { eraseTenant, type Inventory, inventoryOf } from "../../src/erasure/eraseTenant.ts"
import { table } from "./table.ts"

/** What cannot be taken back is said twice. */
export class SayWhich extends Data.TaggedError("SayWhich") {
  override get message(): string {
    return "say either --dry-run (count only) or --yes (erase; nothing brings it back)"
  }
}

const show = (heading: string, inventory: Inventory) => Console.log(table([["kept in", heading], ...inventory.map(({ rows, table }) => [table, String(rows)])]))

const erase = Command.make(
  "erase",
  {
    tenant: Argument.String("id").pipe(Argument.withDescription("The tenant's id"), Argument.withSchema(TenantId)),
    dryRun: Flag.Boolean("dry-run").pipe(Flag.withDescription("Only count what is kept"), Flag.withDefault(false)),
    yes: Flag.Boolean("yes").pipe(Flag.withDescription("Erase it"), Flag.withDefault(false)),
    by: Flag.String("by").pipe(Flag.withDescription("Who wants it, for the record"), Flag.withDefault("command line"))
  },
  Effect.fnUntraced(function*({ by, dryRun, tenant, yes }) {
    if (dryRun === yes) return yield* new SayWhich()
    const kept = yield* inventoryOf(tenant)
    if (kept.length === 0) return yield* Console.log(`nothing is kept of tenant ${tenant}`)
    if (dryRun) return yield* show("would be erased", kept)
    yield* show("erased", yield* eraseTenant(tenant, by))
    const left = yield* inventoryOf(tenant)
    if (left.length > 0) {
      yield* show("came meanwhile", left)
      yield* Console.log("somebody still makes rows or jobs for this tenant: stop that, then give the same command again")
    }
  })
).pipe(Command.withDescription("Remove everything that is kept of a tenant: jobs, files, invoices, deliveries, webhooks and records"))

/** `tenant erase ID --dry-run|--yes`. */
export const tenant = Command.make("tenant").pipe(Command.withDescription("What is kept of a tenant"), Command.withSubcommands([erase]))
