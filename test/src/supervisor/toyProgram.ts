import { type DateTime, Duration, Effect, Logger } from "effect"
import { TestClock } from "effect/testing"
import type { EmailSyncJobData } from "../../../src/contract/index.ts"
import { EmailSyncJob } from "../../../src/contract/jobSchemas.ts"
import type { Failure } from "../../../src/domain/Failure.ts"
import { Opening, type Program } from "../../../src/supervisor/Program.ts"

type Toy = Program<EmailSyncJobData, string, Failure, never>

/** A program that holds its tenant's id, and notes each step that is taken with it. */
export const toyProgram = (change: Partial<Toy> = {}) => {
  const steps: Array<string> = []
  const noted = <A extends ReadonlyArray<unknown>, B, E>(name: string, step: (...args: A) => Effect.Effect<B, E>) => (...args: A) =>
    Effect.suspend(() => {
      steps.push(name)
      return step(...args)
    })
  const program: Toy = {
    queue: "email-sync",
    schema: EmailSyncJob,
    timeLimit: Duration.minutes(3),
    maxAge: Duration.hours(24),
    identify: ({ tenantId }) => ({ "tt.tenant.id": tenantId }),
    open: noted("open", change.open ?? (({ tenantId }) => Effect.succeed(Opening.held(tenantId)))),
    ...(change.refuse === undefined ? {} : { refuse: noted("refuse", change.refuse) }),
    work: noted("work", change.work ?? (() => Effect.succeed({ imported: 2 }))),
    giveUp: noted("giveUp", change.giveUp ?? ((held, { code, plainWords }) => Effect.sync(() => void steps.push(`${held}: ${code}, ${plainWords}`)))),
    noteRetry: noted("noteRetry", change.noteRetry ?? ((held: string, { code }: { readonly code: string }, next: DateTime.Utc) =>
      Effect.sync(() => void steps.push(`${held}: ${code}, next in ${Duration.format(Duration.millis(next.epochMilliseconds))}`)))),
    release: noted("release", change.release ?? (() => Effect.void))
  }
  return { program, steps }
}

/** What is logged meanwhile, level and all, as one text. */
export const withLines = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<readonly [A, string], E, R> => {
  const lines: Array<string> = []
  const logger = Logger.map(Logger.formatLogFmt, (line) => void lines.push(line))
  return effect.pipe(
    Effect.provide(Logger.layer([logger])),
    Effect.map((value) => [value, lines.join("\n")] as const)
  )
}

/** Runs it while the clock goes on by this much. */
export const meanwhile = <A, E, R>(effect: Effect.Effect<A, E, R>, passes: Duration.Input) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(effect)
    yield* Effect.yieldNow
    yield* TestClock.adjust(passes)
    return fiber
  })
