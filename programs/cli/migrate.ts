import { Console } from "effect"
import * as Command from "effect/cli/Command"

/** `migrate`: the layers that it is given bring the tables up to date; it only says so. */
export const migrate = Command.make("migrate", {}, () => Console.log("the tables of the worker and of its queues are up to date")).pipe(
  Command.withDescription("Bring the database's tables up to date; creates and adds, never drops or renames")
)
