import { Cause, Exit, Option, Predicate } from "effect"
import type { Failure } from "../domain/Failure.ts"

/** A failure by its name; what it says only where that is meant for operators. */
class FailedSpan extends Error {
  constructor(name: string, message: string) {
    super(message)
    this.name = name
    this.stack = `${name}: ${message}`
  }
}

const isFailure = (error: unknown): error is Failure =>
  Predicate.isObject(error) && "plainWords" in error && "message" in error && typeof error.message === "string"

const nameOf = (error: unknown): string => {
  if (Predicate.isObject(error) && "_tag" in error && typeof error._tag === "string") return error._tag
  return error instanceof Error ? error.name : "Error"
}

const told = (error: unknown): FailedSpan => new FailedSpan(nameOf(error), isFailure(error) ? error.message : "")

/**
 * How a span ended, without what it ended with: the errors of libraries quote what they were given (a value that does
 * not fit its column, a line of JSON), and that may be an invoice. Interruption stays interruption.
 */
export const safeExit = (exit: Exit.Exit<unknown, unknown>): Exit.Exit<unknown, FailedSpan> => {
  if (Exit.isSuccess(exit)) return Exit.void
  if (Cause.hasInterruptsOnly(exit.cause)) return Exit.interrupt()
  return Exit.fail(Option.match(Cause.findErrorOption(exit.cause), { onSome: told, onNone: () => told(Cause.squash(exit.cause)) }))
}
