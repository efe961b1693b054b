import { DateTime } from "effect"
import type { ChildKind, NodeSpec, Strategy } from "./ChildSpec.ts"

/**
 * `backing-off` waits for its next start; `stopped` has not begun, ended well or was stopped; `failed` ended by a
 * crash and is not started again.
 */
export type NodeState = "starting" | "running" | "backing-off" | "stopping" | "stopped" | "failed"

/** One node of the tree at one time, with all below it: plain data, dates as ISO texts once it is JSON. */
export interface TreeStatus {
  readonly name: string
  /** Names from the root down, joined by slashes. */
  readonly path: string
  readonly kind: ChildKind
  /** Null for what is no supervisor. */
  readonly strategy: Strategy | null
  readonly state: NodeState
  /** Since when it is in this state. */
  readonly since: DateTime.Utc
  /** Starts beyond the first, for whatever reason. */
  readonly restarts: number
  readonly lastFailure: string | null
  readonly nextStart: DateTime.Utc | null
  /** Runs that did not stop within their deadline and still go on. */
  readonly leftBehind: number
  readonly children: ReadonlyArray<TreeStatus>
}

/** What is known of a node; it outlives the restarts of its supervisor. Written by its parent, and where it is a supervisor by itself. */
export class TreeNode {
  readonly name: string
  readonly path: string
  readonly kind: ChildKind
  readonly strategy: Strategy | null
  readonly children: ReadonlyArray<TreeNode>
  state: NodeState = "stopped"
  since: number
  starts = 0
  lastFailure: string | null = null
  nextStart: number | null = null
  leftBehind = 0
  /** Asks the supervisor for a restart; false while there is none that could. */
  restart: (reason: string) => boolean = () => false

  constructor(spec: NodeSpec<unknown>, parent: string | null, now: number) {
    this.name = spec.name
    this.path = parent === null ? spec.name : `${parent}/${spec.name}`
    this.since = now
    const children = "children" in spec ? spec.children : []
    this.kind = "children" in spec ? "permanent" : spec.kind
    this.strategy = "children" in spec ? spec.strategy : null
    this.children = children.map((child) => new TreeNode(child, this.path, now))
  }

  enter(state: NodeState, now: number): void {
    if (state !== this.state) this.since = now
    this.state = state
  }

  find(path: string): TreeNode | null {
    if (path === this.path) return this
    return path.startsWith(`${this.path}/`)
      ? this.children.reduce<TreeNode | null>((found, child) => found ?? child.find(path), null)
      : null
  }

  status(): TreeStatus {
    const { children, kind, lastFailure, leftBehind, name, nextStart, path, since, starts, state, strategy } = this
    return {
      name,
      path,
      kind,
      strategy,
      state,
      since: DateTime.makeUnsafe(since),
      restarts: Math.max(0, starts - 1),
      lastFailure,
      nextStart: nextStart === null ? null : DateTime.makeUnsafe(nextStart),
      leftBehind,
      children: children.map((child) => child.status())
    }
  }
}
