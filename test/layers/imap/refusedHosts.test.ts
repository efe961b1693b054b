import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import * as Dns from "effect/net/Dns"
import { layer as guardLayer } from "../../../layers/http/InternetAddressGuard.ts"
import * as ImapServers from "../../../layers/imap/ImapServers.ts"
import { noExceptions } from "../../../src/domain/AddressRules.ts"
import { MailServers } from "../../../src/services/MailServers.ts"
import { insideHosts } from "../../src/domain/hostCases.ts"

const hosts = { localhost: ["127.0.0.1"], "db.intern": ["10.0.0.5"], "mixed.example": ["93.184.215.14", "192.168.1.1"], "metadata.google.internal": ["169.254.169.254"] }
const ready = ImapServers.layer({ ports: [] }).pipe(Layer.provide(guardLayer(noExceptions)), Layer.provide(Dns.layerStatic({ hosts })))

const refusal = (host: string, port = 993) =>
  MailServers.use(({ connect }) =>
    connect({ host, port, security: "tls", ca: null, fingerprint: null, login: { _tag: "Password", user: "u", password: Redacted.make("p") } })
  ).pipe(Effect.scoped, Effect.flip)

describe("a tenant's mail server", () => {
  it.effect("that must not be dialled is answered with one and the same sentence, whatever is there", () =>
    Effect.gen(function*() {
      for (const host of [...insideHosts.map(([host]) => host), ...Object.keys(hosts)]) {
        const { code, plainWords, step } = yield* refusal(host)
        assert.deepStrictEqual({ code, step, plainWords: plainWords.replace(host, "HOST") }, { code: "mail-address-refused", step: "dns", plainWords: "the host HOST may not be used for mail" }, host)
      }
    }).pipe(Effect.provide(ready)))

  it.effect("is not asked about on ports that are not for mail, whether it is there or not", () =>
    Effect.gen(function*() {
      for (const host of ["127.0.0.1", "93.184.215.14", "nowhere.example"]) {
        assert.match((yield* refusal(host, 22)).plainWords, /^port 22 may not be used for mail/)
      }
    }).pipe(Effect.provide(ready)))
})
