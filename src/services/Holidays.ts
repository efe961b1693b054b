import { Context, type Effect } from "effect"

/** Where somebody works, as far as it is known. */
export interface HolidayPlace {
  /** "FR", or "FR-57" for a part with days of its own (ISO 3166); null where nobody has said it. */
  readonly country: string | null
  /** Says the country where nobody has: Europe/Paris is in France. */
  readonly timeZone: string
}

/** Public holidays by country, from a calendar that comes with the worker: no network. */
export class Holidays extends Context.Service<Holidays, {
  /**
   * The dates (YYYY-MM-DD) of these years that are public holidays there, days off in lieu included. None for a country
   * that the calendar does not know.
   */
  readonly dates: (place: HolidayPlace, years: ReadonlyArray<number>) => Effect.Effect<ReadonlySet<string>>
}>()("tt-worker/services/Holidays") {}
