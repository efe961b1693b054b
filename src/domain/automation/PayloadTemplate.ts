import { Schema } from "effect"

/** What a template may name, and what each stands for. */
export const placeholders = {
  "tenant.id": "the firm's id",
  "user.id": "the tenant user's id",
  "user.name": "the user's name, null where there is none",
  "automation.id": "the automation's id",
  "automation.name": "its name",
  "occurrence.at": "the time that the run was due, ISO 8601 in UTC",
  "occurrence.date": "the date of that time on the user's clock, YYYY-MM-DD",
  "occurrence.weekday": "1 for Monday to 7 for Sunday",
  "occurrence.missed": "how many earlier runs this one stands for"
} as const
export type Placeholder = keyof typeof placeholders
export type PlaceholderValues = Readonly<Record<Placeholder, string | number | null>>

const mark = /\{\{\s*([^{}]*?)\s*\}\}/g
const whole = /^\{\{\s*([^{}]*?)\s*\}\}$/

/** A template is data: it may be no deeper, no longer (characters of JSON). */
const mostDepth = 8
const mostCharacters = 16_384

const isPlaceholder = (name: string): name is Placeholder => Object.hasOwn(placeholders, name)

const textsOf = (value: Schema.Json): ReadonlyArray<string> =>
  typeof value === "string" ? [value] : value === null || typeof value !== "object" ? [] : Object.values(value).flatMap(textsOf)

const depthOf = (value: Schema.Json): number =>
  value === null || typeof value !== "object" ? 0 : 1 + Math.max(0, ...Object.values(value).map(depthOf))

const faultOf = (template: Readonly<Record<string, Schema.Json>>): string | undefined => {
  if (JSON.stringify(template).length > mostCharacters) return `expected at most ${mostCharacters} characters of JSON`
  if (depthOf(template) > mostDepth) return `expected at most ${mostDepth} levels`
  const unknown = textsOf(template).flatMap((text) => [...text.matchAll(mark)].map(([, name = ""]) => name)).find((name) => !isPlaceholder(name))
  return unknown === undefined ? undefined : `expected placeholders that exist: ${Object.keys(placeholders).join(", ")}`
}

/**
 * A JSON object whose texts may hold `{{placeholders}}`. There is nothing in it to run: each mark is replaced by a value,
 * once, and what comes in by a value is not looked at again.
 */
export const PayloadTemplate = Schema.Record(Schema.String, Schema.Json).check(Schema.makeFilter(faultOf))
export type PayloadTemplate = typeof PayloadTemplate.Type

/** The template with its values. A text that is nothing but one placeholder becomes its value, with its type. */
export const fillTemplate = (template: PayloadTemplate, values: PlaceholderValues): PayloadTemplate => {
  const valueOf = (name: string): string | number | null => isPlaceholder(name) ? values[name] : null
  const fill = (value: Schema.Json): Schema.Json => {
    if (typeof value === "string") {
      const alone = whole.exec(value)?.[1]
      return alone !== undefined ? valueOf(alone) : value.replaceAll(mark, (_, name: string) => String(valueOf(name) ?? ""))
    }
    if (value === null || typeof value !== "object") return value
    if (isList(value)) return value.map(fill)
    return fillRecord(value)
  }
  // `__proto__` stays a key like any other.
  const fillRecord = (record: PayloadTemplate): PayloadTemplate => Object.fromEntries(Object.entries(record).map(([key, value]) => [key, fill(value)]))
  return fillRecord(template)
}

const isList = (value: Schema.Json): value is ReadonlyArray<Schema.Json> => Array.isArray(value)
