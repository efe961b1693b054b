import { Effect, type Scope } from "effect"
import { spawn } from "node:child_process"

/**
 * Sees to it that no child outlives a killed parent. A child that is idle notices the closed channel itself; one that
 * is busy in a synchronous parse cannot. So a shell (1 MB, against 17 MB for a watching thread in each child) waits
 * on a pipe that only the parent holds, is told the living children, and kills them when the pipe closes.
 */
export interface OrphanGuard {
  readonly add: (pid: number) => void
  readonly remove: (pid: number) => void
}

const script = `trap '' INT TERM HUP; pids=; while read -r line; do pids=$line; done; [ -z "$pids" ] || kill -9 $pids`

/** The guard lives as long as the scope; where there is no `sh`, the children's own notice is all there is. */
export const make: Effect.Effect<OrphanGuard, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => {
    const shell = spawn("/bin/sh", ["-c", script], { stdio: ["pipe", "ignore", "ignore"], detached: true, env: {} })
    shell.on("error", () => undefined)
    shell.stdin.on("error", () => undefined)
    const ended = new Promise<void>((resolve) => shell.once("close", () => resolve()))
    const pids = new Set<number>()
    const tell = (): void => {
      if (shell.stdin.writable) shell.stdin.write(`${[...pids].join(" ")}\n`)
    }
    return {
      add: (pid: number) => void (pids.add(pid), tell()),
      remove: (pid: number) => void (pids.delete(pid), tell()),
      end: () => {
        shell.stdin.end()
        return ended
      }
    }
  }),
  (guard) => Effect.promise(guard.end)
)
