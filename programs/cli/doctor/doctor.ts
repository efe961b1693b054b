import { Console, Duration, Effect } from "effect"
import * as Command from "effect/cli/Command"
import { Dependencies, type Dependency, type Problem, type Seen } from "../../../src/services/Dependencies.ts"
import { ExitWithStatus } from "../ExitWithStatus.ts"
import { json } from "../flags.ts"
import { table } from "../table.ts"

/** Starting an embedded server or an engine takes seconds; a server that is away is given up after as long. */
const lookLimit = Duration.seconds(45)

interface Finding extends Pick<Dependency, "name" | "where">, Seen {
  readonly state: "fine" | "doubtful" | "wrong"
}

const stateOf = (problems: ReadonlyArray<Problem>): Finding["state"] =>
  problems.length === 0 ? "fine" : problems.some(({ serious }) => serious) ? "wrong" : "doubtful"

const examine = ({ look, name, variables, where }: Dependency): Effect.Effect<Finding> => {
  const unusable = (what: string): Seen => ({ version: null, millis: null, works: [], problems: [{ what, fix: `look at ${variables}, and at ${where}`, serious: true }] })
  return look.pipe(
    Effect.timeoutOrElse({ duration: lookLimit, orElse: () => Effect.succeed(unusable(`it did not answer within ${Duration.format(lookLimit)}`)) }),
    Effect.catch(({ message }) => Effect.succeed(unusable(message))),
    Effect.map((seen) => ({ name, where, state: stateOf(seen.problems), ...seen, millis: seen.millis === null ? null : Math.round(seen.millis * 10) / 10 }))
  )
}

const rowOf = ({ millis, name, state, version, where, works }: Finding): ReadonlyArray<string> => [
  name,
  state,
  version ?? "",
  millis === null ? "" : `${millis < 10 ? millis : Math.round(millis)} ms`,
  where,
  works.join(", ")
]

/**
 * `doctor`: looks at each dependency as the worker uses it, and says what to mend. Exit status 1 where something is wrong.
 */
export const doctor = Command.make("doctor", { json }, Effect.fnUntraced(function*({ json }) {
  const findings = yield* Effect.forEach(yield* Dependencies, examine)
  if (json) yield* Console.log(JSON.stringify(findings))
  else {
    yield* Console.log(table([["dependency", "is", "version", "latency", "where", "works"], ...findings.map(rowOf)]))
    for (const { name, problems } of findings) {
      for (const { fix, serious, what } of problems) yield* Console.log(`\n  ${serious ? "✗" : "!"} ${name}: ${what}\n    ${fix}`)
    }
    const wrong = findings.filter(({ state }) => state === "wrong").length
    yield* Console.log(wrong === 0 ? "\nNothing is in the way of the worker." : `\n${wrong} of ${findings.length} would keep the worker from its work.`)
  }
  if (findings.some(({ state }) => state === "wrong")) return yield* new ExitWithStatus({ status: 1 })
})).pipe(Command.withDescription("Look at everything that the worker stands on, and say what to mend"))
