import { attributes } from "../src/observability/attributes.ts"
import { metrics } from "../src/observability/metrics.ts"
import { spans } from "../src/observability/spans.ts"

const cell = (text: string): string => text.replaceAll("|", "\\|")

/** "label queue", "labels queue, state (waiting, active)": what stands behind the semicolon of a description. */
const partsOf = (description: string): readonly [about: string, labels: string] => {
  const at = description.search(/; labels? /)
  return at < 0 ? [description, ""] : [description.slice(0, at), description.slice(at).replace(/^; labels? /, "")]
}

const metricRows = (): ReadonlyArray<string> =>
  Object.values(metrics).map(({ description, id, type }) => {
    const [about, labels] = partsOf(description ?? "")
    return `| \`${id}\` | ${type.toLowerCase()} | ${cell(about)} | ${cell(labels)} |`
  })

const tables = {
  spans: () => ["| span | |", "|---|---|", ...Object.entries(spans).map(([name, about]) => `| \`${cell(name)}\` | ${cell(about)} |`)].join("\n"),
  attributes: () => Object.values(attributes).map((key) => `\`${key}\``).join(", "),
  metrics: () => ["| metric | kind | what | labels |", "|---|---|---|---|", ...metricRows()].join("\n")
} as const

/** The same page with its tables as the program's own lists say now. */
export const withOperationsTables = (page: string): string =>
  Object.entries(tables).reduce((text, [name, table]) => {
    const [begin, end] = [`<!-- ${name}: begin (npm run docs) -->`, `<!-- ${name}: end -->`]
    const [from, to] = [text.indexOf(begin), text.indexOf(end)]
    return from < 0 || to < from ? text : `${text.slice(0, from + begin.length)}\n${table()}\n${text.slice(to)}`
  }, page)

export const operationsTables = Object.keys(tables)
