import { Deferred, Duration, Effect, type Scope } from "effect"
import type { ChildSpec, NodeSpec, SupervisorSpec } from "./ChildSpec.ts"
import { SupervisorLoop } from "./SupervisorLoop.ts"
import type { TreeFailed } from "./TreeFailed.ts"
import type { TreeNode } from "./TreeStatus.ts"

export interface Supervised {
  /** Every child has had its first start; where children stand on each other, all run. */
  readonly started: Effect.Effect<void, TreeFailed>
  /** Fails when the supervisor has given up and its children are stopped. */
  readonly ended: Effect.Effect<never, TreeFailed>
}

/** Runs one supervisor and all below it. Closing the scope stops the children. */
export const superviseChildren = Effect.fnUntraced(function*<R>(
  spec: SupervisorSpec<R>,
  node: TreeNode,
  changed: () => void
): Effect.fn.Return<Supervised, never, R | Scope.Scope> {
  const context = yield* Effect.context<R>()
  const children = spec.children.flatMap((child, index) => {
    const childNode = node.children[index]
    return childNode === undefined ? [] : [asChild(child, childNode, changed)]
  })
  const loop = new SupervisorLoop(spec, children, node, changed, context)
  yield* Effect.acquireRelease(
    Effect.sync(() => Effect.runForkWith(context)(loop.run)),
    () => loop.close
  )
  return { started: Deferred.await(loop.started), ended: Deferred.await(loop.ended) }
})

const asChild = <R>(spec: NodeSpec<R>, node: TreeNode, changed: () => void): ChildSpec<unknown, R> => {
  if (!("children" in spec)) return spec
  return {
    name: spec.name,
    kind: "permanent",
    // Its children have deadlines of their own.
    stopWithin: Duration.infinity,
    startWithin: Duration.infinity,
    start: Effect.flatMap(superviseChildren(spec, node, changed), ({ ended, started }) => Effect.as(started, ended))
  }
}
