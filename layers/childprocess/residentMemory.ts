import { Effect } from "effect"
import { execFile } from "node:child_process"
import { readFile } from "node:fs/promises"

/** Linux counts pages of 4 KiB in statm on x64; arm64 kernels may be built with 16 or 64 KiB, so VmRSS (kB) is read. */
const fromProc = (pid: number) =>
  Effect.promise(() => readFile(`/proc/${pid}/status`, "latin1").catch(() => "")).pipe(
    Effect.map((status) => Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024)
  )

const fromPs = (pid: number) =>
  Effect.callback<number>((resume) => {
    const ps = execFile("ps", ["-o", "rss=", "-p", String(pid)], (_, out) => resume(Effect.succeed((Number(out.trim()) || 0) * 1024)))
    return Effect.sync(() => ps.kill("SIGKILL"))
  })

/** Resident memory of a process in bytes, seen from outside (a busy child could not tell); 0 when it is gone. */
export const residentMemory: (pid: number) => Effect.Effect<number> = process.platform === "linux" ? fromProc : fromPs

/** How often it is looked at: the memory a child can take between two looks is the overshoot of its limit. */
export const lookEvery = process.platform === "linux" ? "40 millis" : "500 millis"
