import { extname } from "node:path"
import { fileURLToPath } from "node:url"

/**
 * The path of a child's entry module that stands beside the caller: `entryBeside(import.meta.url, "readingChild")`.
 * The extension is the caller's own, so that it is found both as source (`.ts`) and compiled (`.js`).
 */
export const entryBeside = (moduleUrl: string, name: string): string =>
  fileURLToPath(new URL(`./${name}${extname(new URL(moduleUrl).pathname)}`, moduleUrl))
