import type { Tracer } from "effect"
import { attributes } from "./attributes.ts"

/** Of a span around a call to another server: which one, and nothing of the path or the call. */
export const clientSpan = (host: string, port: number | null = null): Pick<Tracer.SpanOptionsNoTrace, "kind" | "attributes"> => ({
  kind: "client",
  attributes: { [attributes.serverAddress]: host, ...(port === null ? {} : { [attributes.serverPort]: port }) }
})

/** The same of a URL. */
export const clientSpanOf = (url: URL): Pick<Tracer.SpanOptionsNoTrace, "kind" | "attributes"> =>
  clientSpan(url.hostname.replace(/^\[|\]$/g, ""), url.port === "" ? (url.protocol === "http:" ? 80 : 443) : Number(url.port))
