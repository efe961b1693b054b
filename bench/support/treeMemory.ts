import { existsSync, readdirSync, readFileSync } from "node:fs"

/** A figure of /proc/PID/status in bytes; 0 when the process is gone. */
export const statusOf = (pid: number, key: string): number => {
  try {
    return Number(new RegExp(`${key}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}

const processes = (): ReadonlyArray<string> => existsSync("/proc") ? readdirSync("/proc") : []

const childrenOf = (pid: number): ReadonlyArray<number> =>
  processes().filter((name) => /^\d+$/.test(name)).map(Number).filter((candidate) => statusOf(candidate, "PPid") / 1024 === pid)

/** Resident bytes of a process and its children together, PostgreSQL not counted, which has a process group of its own. 0 where there is no /proc. */
export const treeMemory = (pid: number): number => [pid, ...childrenOf(pid)].reduce((total, each) => total + statusOf(each, "VmRSS"), 0)
