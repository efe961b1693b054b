import { ConfigProvider, Data, Effect, FileSystem, Option, Result } from "effect"
import { type Fault, readVariables } from "./readVariables.ts"
import { decideReadingSettings, decideSettings } from "./Settings.ts"
import type { Values } from "./variables.ts"

/** The environment is not fit to start on; the message lists every fault. */
export class SettingsInvalid extends Data.TaggedError("SettingsInvalid")<{ readonly faults: ReadonlyArray<Fault> }> {
  override get message(): string {
    const many = this.faults.length === 1 ? "one variable needs" : `${this.faults.length} variables need`
    return [`the configuration is not usable, ${many} a change:`, ...this.faults.map(({ problem, variable }) => `  ${variable}: ${problem}`)].join("\n")
  }
}

/**
 * Each variable for itself. Providers of an environment take `DATABASE_URL` for a part of `DATABASE`, which would then
 * count as found, without a value, and hide the one that a provider behind it has. Blank values count as unset.
 */
const flat = (provider: ConfigProvider.ConfigProvider) =>
  ConfigProvider.make((path) =>
    Effect.map(provider.load(path), (node) => {
      const value = node?.value?.trim() ?? ""
      return value === "" ? undefined : ConfigProvider.makeValue(value)
    }))

/** The environment first, then `.env` of the working folder, where there is one. */
const provider = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const dotEnv = yield* fs.readFileString(".env").pipe(Effect.option)
  const own = flat(yield* ConfigProvider.ConfigProvider)
  return Option.match(dotEnv, {
    onNone: () => own,
    onSome: (content) => ConfigProvider.orElse(own, flat(ConfigProvider.fromDotEnvContents(content)))
  })
})

const load = <S>(decide: (values: Values) => Result.Result<S, ReadonlyArray<Fault>>): Effect.Effect<S, SettingsInvalid, FileSystem.FileSystem> =>
  Effect.gen(function*() {
    const { faults, values } = yield* readVariables(yield* provider)
    const known = new Set(faults.map(({ variable }) => variable.replace(/_FILE$/, "")))
    const settings = decide(values)
    const all = [...faults, ...(Result.isFailure(settings) ? settings.failure.filter(({ variable }) => !known.has(variable)) : [])]
    return Result.isSuccess(settings) && all.length === 0 ? settings.success : yield* new SettingsInvalid({ faults: all })
  })

/** Reads and decides everything, or fails with the full list of faults. */
export const loadSettings = load(decideSettings)

/** The same for what reads files; what only queue, database and storage need may be unset. */
export const loadReadingSettings = load(decideReadingSettings)
