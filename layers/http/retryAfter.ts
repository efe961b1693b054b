import { DateTime, Duration, Option } from "effect"

/**
 * The pause that a `Retry-After` header asks for (RFC 9110, section 10.2.3): seconds or an HTTP date, counted from
 * `now`. None where the header is missing or unreadable; a date in the past is no pause.
 */
export const parseRetryAfter = (value: string | null | undefined, now: DateTime.DateTime): Option.Option<Duration.Duration> => {
  const text = value?.trim() ?? ""
  if (/^\d{1,9}(\.\d{1,3})?$/.test(text)) return Option.some(Duration.seconds(Number(text)))
  // Only the date forms of RFC 9110 begin with a day's name: Date would also read "-5" or "2".
  if (!/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text)) return Option.none()
  return Option.map(DateTime.make(text), (until) => Duration.max(DateTime.distance(now, until), Duration.zero))
}
