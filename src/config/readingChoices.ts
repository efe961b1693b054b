import { Option, Result } from "effect"
import { listPriceOf, modelPrice, type Price, visionPrice } from "../domain/prices.ts"
import { type Choice, fault, standIn, withoutSlash } from "./choice.ts"
import type { ExtractorChoice, GoogleEndpoint, OcrChoice, PaidChoice, VisionCredentials } from "./Settings.ts"
import type { Values } from "./variables.ts"

const googleEndpoint = (url: URL): GoogleEndpoint => {
  const insecure = url.protocol === "http:"
  return { host: url.hostname, port: url.port === "" ? (insecure ? 80 : 443) : Number(url.port), insecure }
}

/** null where it must be chosen and is not. */
const regionOf = (values: Values): "eu" | "any" | null =>
  Option.getOrElse(values.providerRegion, () => values.nodeEnv === "production" ? null : "any" as const)

const regionMissing = fault("PROVIDER_REGION", "is not set; with NODE_ENV=production choose where documents may be processed, eu or any")

const microsOf = (dollars: number): number => Math.round(dollars * 1_000_000)

const paid = (values: Values, price: Price, ratePerMinute: number, concurrency: number): PaidChoice => ({
  price,
  ratePerMinute,
  concurrency,
  monthlyLimit: Option.getOrNull(Option.map(values.monthlyLimit, microsOf)),
  fallback: values.fallback === "offline"
})

export const chooseOcr = (values: Values): Choice<OcrChoice> => {
  const name = Option.getOrNull(values.ocr)
  if (name === "tesseract") return Result.succeed({ _tag: "tesseract" })
  const credentials = Option.orElse(
    Option.map(values.googleApiKey, (key): VisionCredentials => ({ _tag: "ApiKey", key })),
    () => Option.map(values.googleCredentials, (path): VisionCredentials => ({ _tag: "KeyFile", path }))
  )
  if (Option.isNone(credentials)) {
    return name === "vision"
      ? fault("GOOGLE_APPLICATION_CREDENTIALS", "is not set, nor GOOGLE_VISION_API_KEY, but OCR=vision asks for one of them")
      : Option.isSome(values.googleEndpoint)
      ? fault("GOOGLE_APPLICATION_CREDENTIALS", "is not set, nor GOOGLE_VISION_API_KEY, but GOOGLE_VISION_ENDPOINT is")
      : standIn<OcrChoice>(values, { _tag: "tesseract" }, "GOOGLE_APPLICATION_CREDENTIALS", "OCR=tesseract")
  }
  const region = regionOf(values)
  if (region === null) return regionMissing
  return Result.succeed({
    _tag: "vision",
    ...paid(values, visionPrice(values.visionPrice), values.visionRate, values.visionConcurrency),
    credentials: credentials.value,
    region,
    endpoint: Option.getOrUndefined(Option.map(values.googleEndpoint, googleEndpoint)),
    languageHints: values.ocrLanguages.split(",").map((language) => language.trim()).filter((language) => language !== "")
  })
}

/** As set, else as listed; null where neither says it. */
const priceOfModel = (values: Values): Price | null => {
  const set = Option.getOrNull(values.openAiPrice)
  if (set === null) return listPriceOf(values.openAiModel)
  const [input = 0, output = 0] = set.split("/").map(Number)
  return modelPrice(input, output)
}

export const chooseExtractor = (values: Values): Choice<ExtractorChoice> => {
  const name = Option.getOrNull(values.extractor)
  const key = Option.getOrNull(values.openAiKey)
  if (name === "rules") return Result.succeed({ _tag: "rules" })
  if (key === null) {
    return name === "openai"
      ? fault("OPENAI_API_KEY", "is not set, but EXTRACTOR=openai asks for it")
      : Option.isSome(values.openAiBaseUrl)
      ? fault("OPENAI_API_KEY", "is not set, but OPENAI_BASE_URL is; any key does for a server that asks for none")
      : standIn<ExtractorChoice>(values, { _tag: "rules" }, "OPENAI_API_KEY", "EXTRACTOR=rules")
  }
  const region = regionOf(values)
  if (region === null) return regionMissing
  const price = priceOfModel(values)
  if (price === null && Option.isSome(values.monthlyLimit)) {
    return fault("OPENAI_PRICE", `is not set, but MONTHLY_LIMIT_USD is, and the price of this model is not known`)
  }
  return Result.succeed({
    _tag: "openai",
    ...paid(values, price ?? modelPrice(0, 0), values.openAiRate, values.openAiConcurrency),
    apiKey: key,
    baseUrl: Option.getOrUndefined(Option.map(values.openAiBaseUrl, withoutSlash)),
    region,
    model: values.openAiModel,
    pictures: values.openAiPictures
  })
}
