import { Redacted, Result } from "effect"
import { parseWebhookUrl, type WebhookTarget, type WebhookUrlProblem } from "../../src/domain/webhookUrl.ts"
import { secretsOfRequest } from "./redactedRecord.ts"

/** What can be said of an endpoint without asking anybody. */
export interface Endpoint {
  readonly target: Result.Result<WebhookTarget, WebhookUrlProblem>
  /** What must not show in the record of a request to it. */
  readonly hidden: ReadonlyArray<string>
}

/** So many are kept; the one that was read first makes room. */
const mostKept = 1_000

/** Reads an endpoint once for as long as its URL and secrets stay what they are. Its name is still asked about for each connection. */
export const makeEndpointReader = (rules: { readonly httpsOnly: boolean }) => {
  const kept = new Map<string, Endpoint>()
  return (url: Redacted.Redacted<string>, secrets: ReadonlyArray<Redacted.Redacted<string>>): Endpoint => {
    const texts = [url, ...secrets].map(Redacted.value)
    const key = JSON.stringify(texts)
    const known = kept.get(key)
    if (known !== undefined) return known
    const [address = "", ...hidden] = texts
    const target = parseWebhookUrl(address, rules)
    const endpoint = { target, hidden: secretsOfRequest(Result.isSuccess(target) ? target.success.path : "", hidden) }
    if (kept.size >= mostKept) for (const [oldest] of [...kept].slice(0, 1)) kept.delete(oldest)
    kept.set(key, endpoint)
    return endpoint
  }
}
