import { assert, layer } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { OwnPostgres } from "../../support/ownPostgres.ts"
import { tempDir } from "../../support/tempDir.ts"
import { runWorker, startWorker } from "../../support/worker.ts"

const queue = "invoice-processing"

layer(OwnPostgres.layer, { excludeTestServices: true, timeout: "60 seconds" })("the commands for the night", (it) => {
  it.effect("show processes and queues, a failed job with its reason, and try it again on record with who", () =>
    Effect.gen(function*() {
      const folder = yield* tempDir
      const env = { DATABASE_URL: Redacted.value(yield* (yield* OwnPostgres).makeDatabase) }
      const command = Effect.fnUntraced(function*(...args: ReadonlyArray<string>) {
        const ended = yield* runWorker(folder, args, env)
        assert.strictEqual(ended.status, 0, ended.stderr)
        return ended.stdout
      })
      const worker = yield* startWorker(folder, [], env)
      yield* worker.says("Ready after")
      yield* command("enqueue", queue, "{\"tenantId\":\"t\",\"invoiceId\":\"gone\"}")
      yield* worker.says("failed for good")

      const status = yield* command("status")
      assert.match(status, /ready/)
      assert.match(status, /invoice-processing +\S.* taking +\d of 4/)
      assert.match(status, /invoice-processing +0 +0 +0 +1/)
      const told = JSON.parse(yield* command("status", "--json"))
      assert.strictEqual(told.processes[0].status.ready, true)
      assert.deepInclude(told.queues[0], { queue, failed: 1 })

      assert.match(yield* command("jobs", "failed", queue), /invoice-not-found: tenant t has no invoice gone/)
      const [{ id }] = JSON.parse(yield* command("jobs", "failed", queue, "--json"))
      assert.match(yield* command("jobs", "show", queue, id), /data +\{"invoiceId":"gone","tenantId":"t"\}|data +\{"tenantId":"t","invoiceId":"gone"\}/)
      assert.match(yield* command("jobs", "retry", queue, id, "--by", "marie"), /1 failed job of invoice-processing put back in line/)
      const { stderr, status: refused } = yield* runWorker(folder, ["jobs", "retry", queue, "no-such-job"], env)
      assert.strictEqual(refused, 1)
      assert.include(stderr, "invoice-processing has no job no-such-job")
      const state = JSON.parse(yield* command("doctor", "--json"))
      assert.deepStrictEqual(state.map(({ state }: { readonly state: string }) => state), ["fine", "fine", "fine", "fine", "fine"])
      const completions = yield* command("--completions", "bash")
      for (const word of ["doctor", "status", "jobs", "retry", "failed"]) assert.include(completions, word)
    }), 120_000)
})

layer(Layer.empty, { excludeTestServices: true })("the doctor", (it) => {
  it.effect("names each dependency that cannot be used, what to look at, and ends with 1; what is well is shown all the same", () =>
    Effect.gen(function*() {
      const { status, stderr, stdout } = yield* runWorker(yield* tempDir, ["doctor"], {
        DATABASE_URL: "postgres://u:p4ssw0rd@127.0.0.1:1/x",
        REDIS_URL: "redis://:s3cr3t@127.0.0.1:1",
        OPENAI_API_KEY: "sk-s3cr3t",
        OPENAI_BASE_URL: "http://127.0.0.1:1/v1"
      })
      assert.strictEqual(status, 1)
      for (const wrong of ["database", "queue", "field extraction"]) assert.match(stdout, new RegExp(`^ *${wrong} +wrong`, "m"))
      for (const fine of ["storage", "text recognition"]) assert.match(stdout, new RegExp(`^ *${fine} +fine`, "m"))
      assert.include(stdout, "look at DATABASE_URL")
      assert.include(stdout, "3 of 5 would keep the worker from its work")
      assert.notMatch(stdout + stderr, /p4ssw0rd|s3cr3t/)
    }), 60_000)
})
