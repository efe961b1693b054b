import { Clock, Duration, Effect, Layer } from "effect"
import { PermitStore } from "../../src/services/PermitStore.ts"

/** Permits of this process alone, by its clock. A key without permits takes no room. */
export const MemoryPermitStore: Layer.Layer<PermitStore> = Layer.sync(PermitStore, () => {
  const keys = new Map<string, Map<symbol, number>>()

  const current = (key: string, now: number): Map<symbol, number> => {
    const held = keys.get(key) ?? new Map<symbol, number>()
    for (const [token, ends] of held) if (ends <= now) held.delete(token)
    if (held.size === 0) keys.delete(key)
    return held
  }

  return PermitStore.of({
    take: ({ key, lease, limit }) =>
      Effect.map(Clock.currentTimeMillis, (takenAt) => {
        const held = current(key, takenAt)
        if (held.size >= limit) return null
        const token = Symbol(key)
        const millis = Duration.toMillis(lease)
        keys.set(key, held.set(token, takenAt + millis))
        return {
          renew: Effect.map(Clock.currentTimeMillis, (now) => {
            const held = current(key, now)
            if (!held.has(token)) return false
            held.set(token, now + millis)
            return true
          }),
          release: Effect.map(Clock.currentTimeMillis, (now) => {
            keys.get(key)?.delete(token)
            current(key, now)
          })
        }
      }),
    held: (key) => Effect.map(Clock.currentTimeMillis, (now) => current(key, now).size)
  })
})
