import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

export interface SqlStatement {
  readonly file: string
  readonly line: number
  /** As written, with what is put into it. */
  readonly text: string
}

/** The end of a template literal that begins at this backtick. */
const endOf = (source: string, start: number): number => {
  for (let at = start + 1; at < source.length; at++) {
    if (source[at] === "\\") at++
    else if (source[at] === "`") return at
    else if (source.startsWith("${", at)) at = endOfHole(source, at + 2)
  }
  return source.length
}
const endOfHole = (source: string, start: number): number => {
  let depth = 1
  for (let at = start; at < source.length; at++) {
    if (source[at] === "`") at = endOf(source, at)
    else if (source[at] === "{") depth++
    else if (source[at] === "}" && --depth === 0) return at
  }
  return source.length
}

const filesIn = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesIn(join(folder, entry.name)) : entry.name.endsWith(".ts") ? [join(folder, entry.name)] : [])

/** Every statement of these sources that reads or writes rows: template literals, outermost ones only. */
export const statementsIn = (folder: string, without: (file: string) => boolean): ReadonlyArray<SqlStatement> =>
  filesIn(folder).filter((file) => !without(file)).flatMap((file) => {
    const source = readFileSync(file, "utf8").replaceAll(/^ *(\/\/|\/?\*).*$/gm, "")
    const found: Array<SqlStatement> = []
    for (let at = source.indexOf("`"); at !== -1; at = source.indexOf("`", at + 1)) {
      const end = endOf(source, at)
      const text = source.slice(at + 1, end)
      if (/\b(SELECT|INSERT INTO|UPDATE|DELETE)\b/.test(text)) found.push({ file, line: source.slice(0, at).split("\n").length, text })
      at = end
    }
    return found
  })
