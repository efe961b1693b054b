import type { ProviderUsage } from "./ProviderEngine.ts"

/** What a provider takes, in millionths of a US dollar: an estimate, since accounts have discounts of their own. */
export interface Price {
  readonly perPage: number
  readonly perInputToken: number
  readonly perOutputToken: number
}

const perMillionTokens = (input: number, output: number): Price => ({ perPage: 0, perInputToken: input, perOutputToken: output })

/** List price of Vision's document text detection, in US dollars per 1,000 pages (cloud.google.com/vision/pricing). */
export const visionListPrice = 1.5

export const visionPrice = (dollarsPerThousandPages: number): Price => ({ perPage: dollarsPerThousandPages * 1_000, perInputToken: 0, perOutputToken: 0 })

/** Dollars per million tokens are millionths of a dollar per token. */
export const modelPrice = (input: number, output: number): Price => perMillionTokens(input, output)

/** List prices in US dollars per million tokens, input and output (openai.com/api/pricing), the longest name first. */
const listPrices: ReadonlyArray<readonly [name: string, input: number, output: number]> = [
  ["gpt-4.1-nano", 0.1, 0.4],
  ["gpt-4.1-mini", 0.4, 1.6],
  ["gpt-4.1", 2, 8],
  ["gpt-4o-mini", 0.15, 0.6],
  ["gpt-4o", 2.5, 10],
  ["gpt-5-nano", 0.05, 0.4],
  ["gpt-5-mini", 0.25, 2],
  ["gpt-5", 1.25, 10],
  ["o4-mini", 1.1, 4.4],
  ["o3-mini", 1.1, 4.4],
  ["o3", 2, 8]
]

/** The list price of a model, dated versions included ("gpt-4.1-mini-2025-04-14"); null where it is not known. */
export const listPriceOf = (model: string): Price | null => {
  const found = listPrices.find(([name]) => model === name || new RegExp(`^${name.replaceAll(".", "\\.")}-\\d{4}-\\d\\d-\\d\\d$`).test(model))
  return found === undefined ? null : perMillionTokens(found[1], found[2])
}

/** In whole millionths of a dollar, rounded up: nothing that was used counts as free. */
export const costOf = (usage: ProviderUsage, price: Price): number =>
  Math.ceil(usage.pages * price.perPage + usage.inputTokens * price.perInputToken + usage.outputTokens * price.perOutputToken)
