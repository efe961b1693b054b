import { Config, ConfigProvider, Effect, FileSystem, Option } from "effect"
import { environment, type Values, type Variable, variables } from "./variables.ts"

/** Something wrong in the environment: which variable, and what was expected. Never its value. */
export interface Fault {
  readonly variable: string
  readonly problem: string
}

const all: ReadonlyArray<Variable<unknown>> = Object.values(variables)

const read = (name: string, provider: ConfigProvider.ConfigProvider) =>
  Config.option(Config.String(name)).parse(provider).pipe(Effect.orElseSucceed(() => Option.none<string>()))

/** The secrets that are given as files (`<name>_FILE`), as a provider of their own. */
const readSecretFiles = (provider: ConfigProvider.ConfigProvider) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const found: Record<string, string> = {}
    const faults: Array<Fault> = []
    for (const { name, secret } of all.map(({ description }) => description)) {
      const variable = `${name}_FILE`
      const path = secret ? yield* read(variable, provider) : Option.none<string>()
      if (Option.isNone(path)) continue
      if (Option.isSome(yield* read(name, provider))) {
        faults.push({ variable: name, problem: `set either ${name} or ${variable}, not both` })
        continue
      }
      const content = yield* fs.readFileString(path.value).pipe(Effect.option)
      // The path is not repeated: it may be the secret itself, put into the wrong variable.
      if (Option.isNone(content)) faults.push({ variable, problem: "the file that it names cannot be read" })
      else if (content.value.trim() === "") faults.push({ variable, problem: "the file that it names is empty" })
      else found[name] = content.value.trim()
    }
    return { faults, provider: provider.pipe(ConfigProvider.orElse(ConfigProvider.fromEnvRecord(found))) }
  })

/** The same, without the variables of these names. */
const without = (provider: ConfigProvider.ConfigProvider, names: ReadonlySet<string>) =>
  ConfigProvider.make((path) => names.has(String(path[0])) ? Effect.undefined : provider.load(path))

/**
 * Reads every variable. Those with a fault read as unset, so that what depends on the others can still be judged and
 * all faults are reported together.
 */
export const readVariables = (
  provider: ConfigProvider.ConfigProvider
): Effect.Effect<{ readonly values: Values; readonly faults: ReadonlyArray<Fault> }, never, FileSystem.FileSystem> =>
  Effect.gen(function*() {
    const files = yield* readSecretFiles(provider)
    const own = yield* Effect.forEach(all, (variable) =>
      // Each on its own, since a Config of many stops at the first that is wrong.
      Effect.match(Effect.asVoid(variable.parse(files.provider)), {
        onSuccess: (): ReadonlyArray<Fault> => [],
        onFailure: (): ReadonlyArray<Fault> => [{ variable: variable.description.name, problem: `expected ${variable.description.expected}` }]
      }))
    const faults = [...files.faults, ...own.flat()]
    const faulty = new Set(faults.map(({ variable }) => variable))
    return { faults, values: yield* Effect.orDie(environment.parse(without(files.provider, faulty))) }
  })
