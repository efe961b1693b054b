import { expect, layer } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { query } from "../layers/embedded/connection.ts"
import { freePort } from "../layers/embedded/freePort.ts"
import { OwnPostgres } from "./support/ownPostgres.ts"
import { tempDir } from "./support/tempDir.ts"
import { runWorker, startWorker } from "./support/worker.ts"

layer(OwnPostgres.layer, { excludeTestServices: true, timeout: "60 seconds" })("a worker on tables that the API has made in another way", (it) => {
  it.effect("stops the program that needs them, says which column was found how, is not ready, and goes on when they are put right", () =>
    Effect.gen(function*() {
      const folder = yield* tempDir
      const url = yield* (yield* OwnPostgres).makeDatabase
      const env = { DATABASE_URL: Redacted.value(url), OPS_PORT: String(yield* freePort) }
      expect((yield* runWorker(folder, ["migrate"], env)).status).toBe(0)
      yield* query(url, `ALTER TABLE invoices ALTER COLUMN "amountHT" TYPE text`)

      const worker = yield* startWorker(folder, [], env)
      const said = yield* worker.says("queue invoice-processing is stopped, the shared tables do not fit")
      expect(said).toContain(`invoices."amountHT": found text, expected numeric with at least 2 places, nullable`)
      const answer = yield* Effect.promise(() => fetch(`http://127.0.0.1:${env.OPS_PORT}/health/ready`))
      expect(answer.status).toBe(503)
      const doctor = yield* runWorker(folder, ["doctor"], env)
      expect(doctor.status).toBe(1)
      expect(doctor.stdout).toContain(`invoices."amountHT": found text, expected numeric with at least 2 places, nullable`)

      yield* query(url, `ALTER TABLE invoices ALTER COLUMN "amountHT" TYPE numeric(14,2) USING NULL`)
      yield* worker.says("the shared tables fit, it starts")
      yield* worker.says("Ready after")
      worker.child.kill("SIGTERM")
      expect((yield* worker.ended).status).toBe(0)
    }), 200_000)
})
