/** Where the model is asked, and what that server wants beside the key. */
export interface ModelServer {
  readonly baseUrl: string
  readonly query: Record<string, string>
  readonly headers: Record<string, string>
  /** For the record: "openai", or the host that speaks its protocol. */
  readonly name: string
  /** As OpenTelemetry's `gen_ai.provider.name` has it: whose protocol is spoken. */
  readonly protocol: "openai" | "azure.ai.openai"
}

const openAi = { any: "https://api.openai.com/v1", eu: "https://eu.api.openai.com/v1" } as const

/**
 * OpenAI's own server of the region, or the one at `baseUrl`. A query in that URL goes on every request (Azure's
 * `api-version`); Azure also takes the key in a header of its own.
 */
export const modelServer = (baseUrl: string | undefined, region: "eu" | "any", apiKey: string): ModelServer => {
  const url = new URL(baseUrl ?? openAi[region])
  const isAzure = url.hostname.endsWith(".azure.com")
  const isOpenAi = url.hostname === "openai.com" || url.hostname.endsWith(".openai.com")
  return {
    baseUrl: `${url.origin}${url.pathname.replace(/\/$/, "")}`,
    query: Object.fromEntries(url.searchParams),
    headers: isAzure ? { "api-key": apiKey } : {},
    name: isOpenAi ? "openai" : url.hostname,
    protocol: isAzure ? "azure.ai.openai" : "openai"
  }
}
