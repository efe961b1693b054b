import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const folder = fileURLToPath(new URL("../../src/services", import.meta.url))

/** What a service class, or one of these interfaces that services hand out, can be asked for. */
const shapes = /export (?:class (\w+) extends Context\.Service<\1, |interface (JobQueue|ReconciliationSource|RetentionStore)(?:<[^{]*>)? )\{\n(.*?)\n\}/gs

/** Every method of every service, read from the sources: `Invoices.claim`. */
export const serviceMethods: ReadonlyArray<string> = readdirSync(folder).filter((name) => name.endsWith(".ts")).sort().flatMap((name) =>
  [...readFileSync(join(folder, name), "utf8").matchAll(shapes)].flatMap(([, service, handedOut, body = ""]) =>
    [...body.matchAll(/^ {2}readonly (\w+)/gm)].map(([, method]) => `${service ?? handedOut}.${method}`)))
