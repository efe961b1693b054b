import { Duration } from "effect"

/** How long a mail that failed waits for its next try; after the last it is shown and passed over. */
const waits = [Duration.minutes(5), Duration.minutes(30), Duration.hours(2)]

/** The wait after so many failed tries (1 is the first); null: no more. */
export const waitAfterTry = (attempts: number): Duration.Duration | null => waits[attempts - 1] ?? null
