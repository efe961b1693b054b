import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { occupiedPort } from "./support/occupiedPort.ts"
import { tempDir } from "./support/tempDir.ts"
import { until } from "./support/until.ts"
import { startWorker } from "./support/worker.ts"

/** The status that a path answers; 0 when nobody does. */
const ask = (port: number, path: string) =>
  Effect.promise(() => fetch(`http://127.0.0.1:${port}${path}`).then(({ status }) => status, () => 0))

const freePort = Effect.scoped(Effect.map(occupiedPort, ({ port }) => port))

describe("the health of the process", () => {
  it.live("can be asked while it waits for its servers; stopped then, it ends at once with 0", () =>
    Effect.gen(function*() {
      const [ops, nobody] = [yield* freePort, yield* freePort]
      const worker = yield* startWorker(yield* tempDir, [], { OPS_PORT: String(ops), DATABASE_URL: `postgresql://app:app@127.0.0.1:${nobody}/tt` })
      yield* worker.says("cannot be reached; waiting for it")
      expect([yield* ask(ops, "/health/live"), yield* ask(ops, "/health/ready")]).toEqual([200, 503])
      worker.child.kill("SIGTERM")
      const { status, stderr } = yield* worker.ended
      expect([status, stderr.includes("a fault of this program")]).toEqual([0, false])
    }))

  it.live("can be asked while it drains", () =>
    Effect.gen(function*() {
      const [ops, probes] = [yield* freePort, yield* freePort]
      const folder = yield* tempDir
      const worker = yield* startWorker(folder, [], { OPS_PORT: String(ops), HEALTH_PORT: String(probes), SHUTDOWN_GRACE: "5 seconds" })
      expect(yield* worker.says("Ready after")).toContain(`127.0.0.1:${ops}/health/ready`)
      // On a port of its own nothing else is served.
      const paths = ["/health/live", "/health/ready", "/health/startup", "/", "/metrics", "/api/state", "/queues", "/login"]
      expect(yield* Effect.forEach(paths, (path) => ask(probes, path))).toEqual([200, 200, 200, 404, 404, 404, 404, 404])
      const demo = yield* startWorker(folder, ["demo"])
      yield* demo.says("Sending 5 documents")
      yield* Effect.sleep("300 millis")
      worker.child.kill("SIGTERM")
      yield* until(ask(ops, "/health/ready"), (status) => status === 503)
      expect(yield* ask(probes, "/health/ready")).toBe(503)
      expect(yield* ask(ops, "/health/live")).toBe(200)
      demo.child.kill("SIGKILL")
      expect((yield* worker.ended).status).toBe(0)
      expect(yield* ask(ops, "/health/live")).toBe(0)
    }))

  it.live("waits for a port that is taken, while jobs run; only the queues that are named count, and upkeep goes on", () =>
    Effect.gen(function*() {
      const other = yield* occupiedPort
      const worker = yield* startWorker(yield* tempDir, [], { OPS_PORT: String(other.port), QUEUES: "email-sync" })
      const said = yield* worker.says("Ready after")
      expect(said).toContain(`127.0.0.1:${other.port} is taken by another program; set OPS_PORT`)
      expect(said).toContain("/health is not served yet")
      expect(said).not.toMatch(/Ready after.*invoice-processing/)
      yield* other.free
      yield* until(ask(other.port, "/health/ready"), (status) => status === 200, 20_000)
      worker.child.kill("SIGTERM")
      expect((yield* worker.ended).status).toBe(0)
    }).pipe(Effect.scoped))
})
