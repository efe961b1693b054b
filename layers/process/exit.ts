import { Cause, Console, Effect, Exit, Option, type Runtime } from "effect"

const statusOf = (error: unknown): number | null =>
  typeof error === "object" && error !== null && "_tag" in error && error._tag === "ExitWithStatus" && "status" in error && typeof error.status === "number"
    ? error.status
    : null

const hasBeenTold = (error: unknown): boolean =>
  statusOf(error) !== null || (typeof error === "object" && error !== null && "_tag" in error && error._tag === "ShowHelp")

/** Errors that were expected are told in their own words, on standard error; a defect with its cause. */
export const reportFailure = <A, E, R>(program: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.tapCause(program, (cause) =>
    Option.match(Cause.findErrorOption(cause), {
      onSome: (error) =>
        hasBeenTold(error) ? Effect.void : Console.error(`tt-worker: ${error instanceof Error ? error.message : String(error)}`),
      onNone: () => Cause.hasInterruptsOnly(cause) ? Effect.void : Console.error(`tt-worker: a fault of this program\n${Cause.pretty(cause)}`)
    }))

/** 0 for success and for a stop that was asked for; what the command says; else 1. */
export const exitStatus: Runtime.Teardown = (exit, onExit) => {
  if (Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause)) return onExit(0)
  const status = Option.map(Cause.findErrorOption(exit.cause), statusOf)
  onExit(Option.getOrNull(status) ?? 1)
}
