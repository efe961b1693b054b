import { Duration, Option, Result, Schema } from "effect"
import { type KeptFor, type RetentionPeriods, retentionPeriods, type StoreName, storeNames } from "../domain/retentionPeriods.ts"
import type { Choice } from "./choice.ts"
import { DurationText } from "./durationText.ts"
import type { Values } from "./variables.ts"

const decodeDuration = Schema.decodeUnknownOption(DurationText)
/** What records of a day are needed for is over by then: locks, leases, retries. */
const shortest = Duration.days(1)
const mostRows = 50_000

const isStore = (name: string): name is StoreName => storeNames.some((store) => store === name)

/** "webhook-deliveries=30 days/1000": a store, how long, and how many rows at once. */
const readPart = (part: string): Result.Result<readonly [StoreName, KeptFor], string> => {
  const [, name = "", period = "", rows] = /^\s*([a-z-]+)\s*=\s*([^/]*?)\s*(?:\/\s*(\d+)\s*)?$/.exec(part) ?? []
  if (!isStore(name)) return Result.fail(`"${part.trim()}" names no store; the stores are ${storeNames.join(", ")}`)
  const usual: KeptFor = retentionPeriods[name]
  const keep = period === "" ? Option.some(usual.keep) : decodeDuration(period)
  if (Option.isNone(keep)) return Result.fail(`${name}: "${period}" is no duration such as 30 days`)
  if (Duration.isLessThan(keep.value, Duration.min(shortest, usual.keep))) return Result.fail(`${name}: at least a day`)
  const batch = rows === undefined ? usual.batch : Number(rows)
  return batch < 1 || batch > mostRows ? Result.fail(`${name}: 1 to ${mostRows} rows in one statement`) : Result.succeed([name, { keep: keep.value, batch }])
}

/** What is said of a store replaces its line; the others stay. */
export const chooseRetention = ({ retention }: Values): Choice<RetentionPeriods> =>
  Result.mapBoth(Result.all(retention.split(",").filter((part) => part.trim() !== "").map(readPart)), {
    onFailure: (problem) => [{ variable: "RETENTION", problem }],
    onSuccess: (parts): RetentionPeriods => ({ ...retentionPeriods, ...Object.fromEntries(parts) })
  })
