import { existsSync } from "node:fs"

/** A folder of the corpus of real documents that may lie beside this checkout or above it; null where there is none. */
export const corpusFolder = (name: string): URL | null => {
  for (let up = new URL("../../", import.meta.url); ; up = new URL("../", up)) {
    const folder = new URL(`shared/corpus/${name}/`, up)
    if (existsSync(folder)) return folder
    if (up.pathname === "/") return null
  }
}
