import { Context, Effect, FileSystem, Path, Schema } from "effect"

/** The folder of the built-in samples; main knows where the package lies. */
export const SamplesFolder = Context.Reference<string>("tt-worker/programs/cli/SamplesFolder", { defaultValue: () => "samples" })

/** How a document should end: the truth beside the built-in samples. */
export const Expectation = Schema.Struct({
  file: Schema.String,
  expected: Schema.Literals(["processed", "error"]),
  source: Schema.optionalKey(Schema.String),
  errorCode: Schema.optionalKey(Schema.String),
  fields: Schema.optionalKey(Schema.Record(Schema.String, Schema.NullOr(Schema.String)))
})
export type Expectation = typeof Expectation.Type

/** A document for the demo; `expectation` is null for files that a person gave. */
export interface DemoFile {
  readonly name: string
  readonly path: string
  readonly expectation: Expectation | null
}

const decodeTruth = Schema.decodeUnknownEffect(Schema.fromJsonString(Schema.Array(Expectation)))

export const builtInSamples = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const folder = yield* SamplesFolder
  const truth = yield* fs.readFileString(path.join(folder, "samples.json")).pipe(Effect.flatMap(decodeTruth))
  return truth.map((expectation): DemoFile => ({ name: expectation.file, path: path.join(folder, expectation.file), expectation }))
})

export const givenFiles = (files: ReadonlyArray<string>) =>
  Effect.map(Path.Path, (path) => files.map((file): DemoFile => ({ name: path.basename(file), path: file, expectation: null })))
