import { basename, dirname, resolve } from "node:path"

const up = resolve(import.meta.dirname, "..", "..")

/** Where package.json and the samples lie, whether this runs from the sources or from `dist`. */
export const packageFolder: string = basename(up) === "dist" ? dirname(up) : up
