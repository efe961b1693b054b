import { Effect } from "effect"

/**
 * Loads a large package when it is first needed, and before it, each in a turn of its own, parts that it stands on: in
 * one go it would keep everything else from having its turn for longer than 50 ms. A part is a package, or a path from
 * the package's entry. One that another version does not have any more comes with the whole.
 */
export const loadInTurns = <A>(name: string, parts: ReadonlyArray<string>, load: () => Promise<A>): Effect.Effect<A> =>
  Effect.gen(function*() {
    const entry = import.meta.resolve(name)
    for (const part of parts) {
      const specifier = part.startsWith("./") ? new URL(part, entry).href : part
      yield* Effect.exit(Effect.promise((): Promise<unknown> => import(specifier)))
      yield* Effect.yieldNow
    }
    const loaded = yield* Effect.promise(load)
    // What it is needed for comes in a turn of its own, too.
    yield* Effect.yieldNow
    return loaded
  })
