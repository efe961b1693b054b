import type { Cause, Fiber } from "effect"
import type { ChildSpec, Strategy } from "./ChildSpec.ts"
import type { RestartHistory } from "./RestartIntensity.ts"
import type { TreeNode } from "./TreeStatus.ts"

/** How a life ended; what was told first counts. */
export type Ending =
  /** Its supervisor stopped it. */
  | { readonly _tag: "Asked" }
  | { readonly _tag: "Well" }
  | { readonly _tag: "Crash"; readonly reason: string; readonly cause: Cause.Cause<unknown> | null }

/** One run of a child. */
export interface Life {
  fiber: Fiber.Fiber<void, unknown> | null
  startedAt: number | null
  /** From here on it is on its way out. */
  ending: Ending | null
  /** The limit of what it does now: start, or stop. */
  timer: Fiber.Fiber<void> | null
}

export interface Backoff {
  readonly until: number
  timer: Fiber.Fiber<void> | null
}

/** A child's place in its supervisor. */
export interface Slot<R> {
  readonly index: number
  readonly spec: ChildSpec<unknown, R>
  readonly node: TreeNode
  /** Of its own, or the one that all share. */
  readonly history: RestartHistory
  life: Life | null
  toStart: boolean
  toStop: boolean
  /** Its first start has ended one way or the other, or has taken long enough for the siblings to go on. */
  begun: boolean
  crashesInARow: number
  backoff: Backoff | null
  /** That of the siblings with its first start. */
  patience: Fiber.Fiber<void> | null
}

/** What goes down with a child that crashed, and is started again with it. */
export const goesDownWith = (strategy: Strategy, crashed: number, index: number): boolean => {
  switch (strategy) {
    case "one-for-one":
      return index === crashed
    case "one-for-all":
      return true
    case "rest-for-one":
      return index >= crashed
  }
}

/** It is there for those that stand on it, or will not be. */
const isSettled = ({ life, toStart }: Slot<unknown>): boolean =>
  life === null ? !toStart : life.startedAt !== null && life.ending === null

/** What has to be stopped now: one after another where children stand on each other, and at the end. */
export const dueToStop = <R>(slots: ReadonlyArray<Slot<R>>, inOrder: boolean): ReadonlyArray<Slot<R>> => {
  const due = slots.filter(({ life, toStop }) => life !== null && toStop)
  return inOrder ? due.slice(-1) : due
}

export const dueToStart = <R>(slots: ReadonlyArray<Slot<R>>, strategy: Strategy): ReadonlyArray<Slot<R>> => {
  const alone = strategy === "one-for-one"
  if (!alone && slots.some(({ life, toStop }) => life !== null && toStop)) return []
  return slots.filter((slot) => {
    if (!slot.toStart || slot.life !== null || slot.backoff !== null) return false
    const before = slots.slice(0, slot.index)
    return alone ? slot.begun || before.every(({ begun }) => begun) : before.every(isSettled)
  })
}

/** Every child has had its first start. */
export const allBegun = (slots: ReadonlyArray<Slot<unknown>>, strategy: Strategy): boolean =>
  slots.every((slot) => strategy === "one-for-one" ? slot.begun : isSettled(slot))
