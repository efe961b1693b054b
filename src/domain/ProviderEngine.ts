/** Which paid service does a step, as it is recorded for each invoice. */
export interface ProviderEngine {
  /** "google-vision" or "openai" (and what speaks its protocol). */
  readonly provider: string
  readonly model: string
  /** Where it may be processed: "eu", or "any" where nobody promised a region. */
  readonly region: "eu" | "any"
  /** Whatever else changes the answer: version of the prompt, language hints, extra input. */
  readonly version: string
}

/** What a kept answer is found by, beside the file: the region changes nothing in it. */
export const engineKey = ({ model, provider, version }: ProviderEngine): string => `${provider}/${model}/${version}`

/** What a call used. Tokens where the provider counts them, pages where it counts those. */
export interface ProviderUsage {
  readonly pages: number
  readonly inputTokens: number
  readonly outputTokens: number
}

export const nothingUsed: ProviderUsage = { pages: 0, inputTokens: 0, outputTokens: 0 }
