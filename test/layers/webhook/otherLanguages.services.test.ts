import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { spawnSync } from "node:child_process"
import { generateKeyPairSync } from "node:crypto"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { WebhookSender } from "../../../src/services/WebhookSender.ts"
import { type Received, receiver, secret, senderWith, someRequest } from "../../support/receiver.ts"
import { tempDir } from "../../support/tempDir.ts"

const script = (name: string): string => fileURLToPath(new URL(`../../verifiers/${name}`, import.meta.url))

/** Zero when the receiver's check lets the delivery through. A language that is not there is a failure. */
const statusOf = (command: string, file: string, key: string, { body, headers }: Received): number => {
  const header = (name: string) => String(headers[name] ?? "")
  const args = [script(file), key, header("webhook-id"), header("webhook-timestamp"), header("webhook-signature"), header("x-signature-256")]
  const { error, status } = spawnSync(command, args, { input: Buffer.from(body, "utf8") })
  if (error !== undefined) assert.fail(`${command} cannot be run: ${error.message}`)
  return status ?? 1
}

const bodies = ["{}", "{\"b\":1,\"a\":\"h\u00e9\"}", "{\"nul\":\"\\u0000\",\"half\":\"\\ud83d\"}", "{\"emoji\":\"\u{1f9fe}\u2028\", \"spaces\" :  1 }", `{"long":"${"x".repeat(100_000)}"}`]

describe("deliveries are verified by receivers in other languages", () => {
  for (const [command, file] of [["python3", "verify.py"], ["perl", "verify.pl"]] as const) {
    it.live(command, () =>
      Effect.gen(function*() {
        const { received, url } = yield* receiver()
        const sender = yield* WebhookSender
        for (const key of ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "plain s\u00e9cret", "a b"]) {
          for (const body of bodies) {
            yield* sender.send(someRequest(url, { body, secrets: [secret(key), secret("the-old-one")] }))
            const one = received.at(-1) ?? assert.fail("nothing received")
            assert.strictEqual(statusOf(command, file, key, one), 0)
          }
          const last = received.at(-1) ?? assert.fail("nothing received")
          assert.notStrictEqual(statusOf(command, file, key, { ...last, body: `${last.body} ` }), 0)
          assert.notStrictEqual(statusOf(command, file, "another", last), 0)
        }
      }).pipe(Effect.scoped, Effect.provide(senderWith())))
  }

  it.live("openssl, with the public key of a webhook's private key", () =>
    Effect.gen(function*() {
      const folder = yield* tempDir
      const { received, url } = yield* receiver()
      const { privateKey, publicKey } = generateKeyPairSync("ed25519")
      const key = `whsk_${privateKey.export({ format: "der", type: "pkcs8" }).subarray(-32).toString("base64")}`
      const sender = yield* WebhookSender
      yield* sender.send(someRequest(url, { secrets: [secret(key)] }))
      const { body, headers } = received[0] ?? assert.fail("nothing received")
      const [version, signature = ""] = String(headers["webhook-signature"]).split(",")
      assert.strictEqual(version, "v1a")
      const [content, signed, pem] = [join(folder, "content"), join(folder, "signature"), join(folder, "key.pem")]
      writeFileSync(signed, Buffer.from(signature, "base64"))
      writeFileSync(pem, publicKey.export({ format: "pem", type: "spki" }))
      const check = (text: string) => {
        writeFileSync(content, `${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.${text}`)
        return spawnSync("openssl", ["pkeyutl", "-verify", "-pubin", "-inkey", pem, "-rawin", "-in", content, "-sigfile", signed]).status
      }
      assert.strictEqual(check(body), 0)
      assert.notStrictEqual(check(`${body} `), 0)
    }).pipe(Effect.scoped, Effect.provide(senderWith())))
})
