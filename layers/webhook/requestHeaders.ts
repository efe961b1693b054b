import { Redacted, Result } from "effect"
import { version } from "../../src/version.ts"
import type { WebhookRequest } from "../../src/services/WebhookSender.ts"
import { type readSecret, signBody } from "./signatures.ts"

const userAgent = `tt-worker/${version} (webhooks)`

/** Event names and ids are the API's; what a header cannot carry is percent-encoded. */
const headerSafe = (text: string): string => text.toWellFormed().replace(/[^\x20-\x24\x26-\x7e]/gu, (char) => encodeURIComponent(char))

/**
 * The headers of one attempt. With a secret there is always `X-Signature-256` (by the present one) and Standard Webhooks'
 * signature by each; while a secret is being changed, `X-Signature-256-Previous` as well. Fails rather than leave out a
 * signature.
 */
export const makeHeaders = (
  request: WebhookRequest,
  body: Buffer,
  timestamp: number,
  read: typeof readSecret
): Result.Result<Record<string, string>, "unusable"> => {
  const messageId = headerSafe(request.messageId)
  const headers: Record<string, string> = {
    "content-type": "application/json",
    "user-agent": userAgent,
    "webhook-id": messageId,
    "webhook-timestamp": String(timestamp),
    "x-webhook-event": headerSafe(request.event),
    "x-webhook-delivery": headerSafe(request.deliveryId)
  }
  if (request.traceparent !== null) headers["traceparent"] = request.traceparent
  const standard: Array<string> = []
  for (const [index, secret] of request.secrets.entries()) {
    const signer = read(Redacted.value(secret))
    if (Result.isFailure(signer)) {
      // An old one that cannot be read signs nothing; the present one must.
      if (index > 0) continue
      return Result.fail(signer.failure)
    }
    const signed = signBody(signer.success, messageId, timestamp, body)
    standard.push(signed.standard)
    if (index < 2) headers[index === 0 ? "x-signature-256" : "x-signature-256-previous"] = `sha256=${signed.legacy}`
  }
  if (standard.length > 0) headers["webhook-signature"] = standard.join(" ")
  return Result.succeed(headers)
}
