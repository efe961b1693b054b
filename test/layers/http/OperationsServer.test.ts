import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Fiber, Layer, Ref, Scope } from "effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as OperationsServer from "../../../layers/http/OperationsServer.ts"
import { OperationsAddress } from "../../../src/services/OperationsAddress.ts"
import { permanentChild } from "../../../src/supervisor/Supervisor.ts"
import { supervise } from "../../../src/supervisor/SupervisionTree.ts"
import { withLines } from "../../src/supervisor/toyProgram.ts"
import { supervisor } from "../../src/supervisor/treeWorkbench.ts"
import { occupiedPort } from "../../support/occupiedPort.ts"
import { until } from "../../support/until.ts"

const routes = HttpRouter.add("GET", "/health/live", HttpServerResponse.text("live"))

const statusAt = (url: string | null) =>
  url === null ? Effect.succeed(null) : Effect.promise(() => fetch(`${url}/health/live`).then(({ status }) => status, () => null))

/** The real server as a child of a tree, restarted after a tenth of a second. */
const startTree = Effect.fnUntraced(function*(port: number) {
  const address = Context.get(yield* Layer.build(OperationsAddress.layer), OperationsAddress)
  const child = permanentChild("operations", OperationsServer.start({ host: "127.0.0.1", port, routes }))
  const tree = yield* supervise(supervisor("one-for-one", [child])).pipe(Effect.provideService(OperationsAddress, address))
  return { address: Ref.get(address), tree }
})

describe("the operations server", () => {
  it.live("listens, says where, and is gone when its tree is", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const { address } = yield* Scope.provide(startTree(0), scope)
      const url = yield* until(address, (now) => now !== null)
      assert.strictEqual(yield* statusAt(url), 200)
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual(yield* statusAt(url), null)
      assert.strictEqual(yield* address, null)
    }))

  it.live("starts when its port becomes free, and says what to do meanwhile; nothing else ends over it", () =>
    Effect.gen(function*() {
      const other = yield* occupiedPort
      const [, lines] = yield* withLines(Effect.gen(function*() {
        const { address, tree } = yield* startTree(other.port)
        yield* Effect.sleep("700 millis")
        assert.strictEqual(yield* address, null)
        assert.strictEqual((yield* tree.status).state, "running")
        yield* other.free
        const url = yield* until(address, (now) => now !== null)
        assert.strictEqual(yield* statusAt(url), 200)
      }))
      assert.include(lines, `127.0.0.1:${other.port} is taken by another program; set OPS_PORT`)
    }).pipe(Effect.scoped))

  it.live("fails when it has closed, so that it is started again", () =>
    Effect.gen(function*() {
      const context = yield* Layer.build(OperationsAddress.layer)
      const scope = yield* Scope.make()
      const run = yield* OperationsServer.start({ host: "127.0.0.1", port: 0, routes }).pipe(Effect.provideContext(context), Scope.provide(scope))
      const fiber = yield* Effect.forkChild(Effect.flip(run))
      yield* Effect.sleep("50 millis")
      // As if somebody else had closed it: the scope's own closing comes after the interruption.
      yield* Scope.close(scope, Exit.void)
      assert.include((yield* Fiber.join(fiber)).message, "cannot be listened on")
    }))
})
