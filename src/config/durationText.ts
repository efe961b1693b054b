import { Duration, Schema, SchemaTransformation } from "effect"

const pattern = /^(\d+(?:\.\d+)?)\s*(ms|millis(?:econds?)?|s|sec(?:onds?)?|m|min(?:utes?)?|h|hours?|d|days?)?$/i

const millisOf = (unit: string): number => {
  const lower = unit.toLowerCase()
  if (lower.startsWith("ms") || lower.startsWith("milli")) return 1
  if (lower.startsWith("d")) return 86_400_000
  if (lower.startsWith("h")) return 3_600_000
  return lower.startsWith("m") ? 60_000 : 1_000
}

/** A duration as people write it: "20 seconds", "20s", "500 ms", "2 minutes"; a bare number is seconds. */
export const DurationText = Schema.Trim.check(Schema.isPattern(pattern)).pipe(
  Schema.decodeTo(
    Schema.Duration,
    SchemaTransformation.transform({
      decode: (text: string) => {
        const [, amount = "0", unit = "s"] = pattern.exec(text) ?? []
        return Duration.millis(Number(amount) * millisOf(unit))
      },
      encode: (duration: Duration.Duration) => `${Duration.toMillis(duration)} ms`
    })
  )
)
