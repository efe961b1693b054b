import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { tempDir } from "../../support/tempDir.ts"
import { runWorker } from "../../support/worker.ts"

describe("the doctor", () => {
  it.live("names each dependency that cannot be used, what to look at, and ends with 1; what is well is shown all the same", () =>
    Effect.gen(function*() {
      const { status, stderr, stdout } = yield* runWorker(yield* tempDir, ["doctor"], {
        DATABASE_URL: "postgres://u:p4ssw0rd@127.0.0.1:1/x",
        REDIS_URL: "redis://:s3cr3t@127.0.0.1:1",
        OPENAI_API_KEY: "sk-s3cr3t",
        OPENAI_BASE_URL: "http://127.0.0.1:1/v1",
        OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1",
        OTEL_EXPORTER_OTLP_HEADERS: "x-key=s3cr3t"
      })
      assert.strictEqual(status, 1)
      for (const wrong of ["database", "queue", "field extraction"]) assert.match(stdout, new RegExp(`^ *${wrong} +wrong`, "m"))
      for (const fine of ["storage", "text recognition"]) assert.match(stdout, new RegExp(`^ *${fine} +fine`, "m"))
      assert.match(stdout, /^ *traces +doubtful/m)
      assert.include(stdout, "look at OTEL_EXPORTER_OTLP_ENDPOINT")
      assert.include(stdout, "look at DATABASE_URL")
      assert.include(stdout, "3 of 6 would keep the worker from its work")
      assert.notMatch(stdout + stderr, /p4ssw0rd|s3cr3t/)
    }).pipe(Effect.scoped), 120_000)

  it.live("finds nothing wrong with a machine on which nothing is set, before and after the first start, and leaves nothing behind", () =>
    Effect.gen(function*() {
      const folder = yield* tempDir
      const first = yield* runWorker(folder, ["doctor"])
      assert.include(first.stdout, "`tt-worker migrate` does so now")
      assert.strictEqual(first.status, 0)
      yield* runWorker(folder, ["migrate"])
      const second = yield* runWorker(folder, ["doctor", "--json"])
      assert.strictEqual(second.status, 0)
      const findings: ReadonlyArray<{ readonly state: string; readonly works: ReadonlyArray<string> }> = JSON.parse(second.stdout)
      assert.deepStrictEqual(findings.map(({ state }) => state), ["fine", "fine", "fine", "fine", "fine"])
      assert.deepStrictEqual(findings[2]?.works, ["write", "read", "delete"])
    }).pipe(Effect.scoped), 120_000)
})
