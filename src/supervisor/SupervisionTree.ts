import { Clock, Effect, PubSub, type Scope, Stream } from "effect"
import type { ServicesOf, SupervisorSpec } from "./ChildSpec.ts"
import { superviseChildren } from "./superviseChildren.ts"
import type { TreeFailed } from "./TreeFailed.ts"
import { TreeNode, type TreeStatus } from "./TreeStatus.ts"

/** A tree of children that runs until its scope closes, or its root gives up. */
export interface Supervision {
  readonly status: Effect.Effect<TreeStatus>
  /** The status now and after each change; a slow reader gets the newest and misses those between. Never ends. */
  readonly changes: Stream.Stream<TreeStatus>
  /** Every child has had its first start; where children stand on each other, all run. */
  readonly started: Effect.Effect<void, TreeFailed>
  /** Fails when the root has given up and everything is stopped: the end of the process. Interrupts when the scope was closed. */
  readonly ended: Effect.Effect<never, TreeFailed>
  /**
   * For a watchdog or an operator: stops the child at this path (see `TreeStatus`), and it alone, and starts it again
   * without back-off; one that had ended or waits for its next start is started. Counts as a restart for this reason.
   * False, and nothing happens, where no such child is, or its supervisor does not run.
   */
  readonly restart: (path: string, reason: string) => Effect.Effect<boolean>
}

const checkNames = (node: TreeNode): Effect.Effect<void> => {
  const names = node.children.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  return twice === undefined
    ? Effect.forEach(node.children, checkNames, { discard: true })
    : Effect.die(new Error(`two children of ${node.path} are named ${twice}; give each a name of its own`))
}

/**
 * Starts a tree and answers at once. Closing the scope stops it in reverse order, each child within its deadline.
 * What restarts, when, and when it is too often is described at `ChildSpec`, `Strategy` and `SupervisorSpec`.
 */
export const supervise = Effect.fnUntraced(function*<Spec extends SupervisorSpec<unknown>>(
  spec: Spec & SupervisorSpec<ServicesOf<Spec>>
): Effect.fn.Return<Supervision, never, ServicesOf<Spec> | Scope.Scope> {
  const root = new TreeNode(spec, null, yield* Clock.currentTimeMillis)
  yield* checkNames(root)
  const news = yield* PubSub.sliding<TreeStatus>({ capacity: 1, replay: 1 })
  const changed = (): void => void PubSub.publishUnsafe(news, root.status())
  changed()
  const { ended, started } = yield* superviseChildren<ServicesOf<Spec>>(spec, root, changed)
  return {
    status: Effect.sync(() => root.status()),
    changes: Stream.fromPubSub(news),
    started,
    ended,
    restart: (path, reason) => Effect.sync(() => root.find(path)?.restart(reason) ?? false)
  }
})
