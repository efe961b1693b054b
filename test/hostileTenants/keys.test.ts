import { assert, describe, it } from "@effect/vitest"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url))
const sources = ["src", "programs"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => ({ file: `${folder}/${file}`, text: readFileSync(join(root, folder, file), "utf8") })))

/** Who asks for a place; the key of webhooks stands with what else is known of an endpoint. */
const asks = ({ file, text }: { readonly file: string; readonly text: string }) => /\bwith(?:Limits|Breaker)\(/.test(text) && !file.startsWith("src/services/")
const endpointKeys = "src/domain/webhookHealth.ts"

/** Keys of limits and breakers, as they are put together: \`webhook:${tenant}:${webhook}\`. */
const keys = sources.filter((source) => asks(source) || source.file === endpointKeys).flatMap(({ file, text }) =>
  [...text.matchAll(/`((?:[a-z-]+):\$\{[^`]*)`/g)].map(([, key = ""]) => ({ file, key })).filter(({ key }) => /^(webhook|mail|provider)/.test(key) && !key.includes(" ")))

/** Shared by all tenants on purpose: neither knows one, so neither can be closed for one by another's doing. */
const shared: Readonly<Record<string, string>> = {
  "provider:${step.engine.provider}": "a provider's limits and its breaker; whose failures count is decided by breakerWitness",
  "mail-host:${mailbox.host.toLowerCase()}": "a ceiling on connections to one host, no breaker; whose turn it is, the queue says"
}

describe("limits and breakers", () => {
  it("are kept by tenant and webhook or mailbox; what is shared has a reason", () => {
    assert.isAbove(keys.length, 3)
    const others = keys.filter(({ key }) => !(key in shared))
    for (const { file, key } of others) assert.match(key, /^[a-z-]+:\$\{(claim\.)?tenantId\}(:|$)/, file)
    assert.sameMembers(keys.map(({ key }) => key).filter((key) => key in shared), Object.keys(shared))
  })

  it("are asked for in these places only, each with such a key", () => {
    const askers = sources.filter(asks).map(({ file, text }) => text.includes("endpointKey(") ? endpointKeys : file)
    assert.sameMembers(askers, [...new Set(keys.map(({ file }) => file))])
  })

  it("and the places of one process are counted by tenant and webhook, too", () => {
    const held = sources.find(({ file }) => file.endsWith("HeldDelivery.ts"))
    assert.include(held?.text, "`${tenantId} ${webhookId}`")
  })
})
