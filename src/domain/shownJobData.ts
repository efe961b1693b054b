/** What may be shown of a job's data: ids and names of things. All else may be a credential or somebody's data. */
const shown: ReadonlySet<string> = new Set(["tenantId", "tenantUserId", "invoiceId", "webhookId", "webhookDeliveryId", "event", "generation", "scheduled", "automationId"])

const neverShown = /secret|password|token|key$/i

const originOf = (url: unknown): string => {
  const origin = typeof url === "string" ? URL.parse(url)?.origin : undefined
  return origin === undefined || origin === "null" ? "…" : `${origin}/…`
}

/** A job's data for people who look at queues: addresses without their path, and no secret and no payload. */
export const shownJobData = (data: unknown): unknown => {
  if (typeof data !== "object" || data === null || Array.isArray(data)) return data === null || data === undefined ? data : "…"
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, shown.has(key) ? value : key === "url" ? originOf(value) : value === null ? null : "…"]))
}

/** The same for somebody who has asked for more, and is on record for it: all but what signs and opens. */
export const revealedJobData = (data: unknown): unknown =>
  typeof data !== "object" || data === null || Array.isArray(data)
    ? data
    : Object.fromEntries(Object.entries(data).map(([key, value]) => [key, value !== null && neverShown.test(key) ? "…" : value]))

/** A sentence of whatever origin for the same people: addresses of the web without their path, of mail without their name. */
export const shownText = (text: string): string =>
  text.replace(/\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>)]+/gi, originOf).replace(/[^\s"'<>@:]+@([\w-]+\.)+\w+/g, "…@…")
