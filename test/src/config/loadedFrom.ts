import { ConfigProvider, Effect, FileSystem, PlatformError, Redacted } from "effect"
import { loadReadingSettings, loadSettings, type SettingsInvalid } from "../../../src/config/loadSettings.ts"
import type { ReadingSettings, Settings } from "../../../src/config/Settings.ts"

type Texts = Readonly<Record<string, string>>

const folderOf = (files: Texts) =>
  FileSystem.layerNoop({
    readFileString: (path) => {
      const content = files[path]
      return content === undefined
        ? Effect.fail(PlatformError.systemError({ _tag: "NotFound", module: "FileSystem", method: "readFileString", pathOrDescriptor: path }))
        : Effect.succeed(content)
    }
  })

/** The settings in this environment, beside these files (`.env` is the working folder's). */
export const loadedFrom = (env: Texts, files: Texts = {}): Effect.Effect<Settings, SettingsInvalid> => inside(env, files)(loadSettings)

/** The same for what reads files. */
export const readingFrom = (env: Texts, files: Texts = {}): Effect.Effect<ReadingSettings, SettingsInvalid> => inside(env, files)(loadReadingSettings)

const inside = (env: Texts, files: Texts) => <A, E>(load: Effect.Effect<A, E, FileSystem.FileSystem>) =>
  load.pipe(
    Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnvRecord(env)),
    Effect.provide(folderOf(files))
  )

/** Variable and problem of each fault, in the order of the message. */
export const faultsOf = (env: Texts, files: Texts = {}): Effect.Effect<ReadonlyArray<string>, Settings> =>
  Effect.map(Effect.flip(loadedFrom(env, files)), ({ faults }) => faults.map(({ problem, variable }) => `${variable}: ${problem}`))

/** The names alone. */
export const faultyOf = (env: Texts, files: Texts = {}): Effect.Effect<ReadonlyArray<string>, Settings> =>
  Effect.map(Effect.flip(loadedFrom(env, files)), ({ faults }) => faults.map(({ variable }) => variable))

/** What runs, by name. */
export const kindsOf = ({ database, extractor, ocr, queue, storage }: Settings): string =>
  [database, queue, storage, ocr, extractor].map(({ _tag }) => _tag).join(" ")

export const secretIn = (value: Redacted.Redacted<string> | undefined): string | undefined => value === undefined ? undefined : Redacted.value(value)
