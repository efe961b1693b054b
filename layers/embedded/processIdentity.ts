import { Effect, FileSystem, Option } from "effect"
import { run } from "./run.ts"

/**
 * When a process began, as an opaque text that together with its pid names it for good: pids come back, the pair
 * does not. Linux: boot id and start in clock ticks (field 22 of `/proc/<pid>/stat`); elsewhere `ps -o lstart=`.
 * None when there is no such process, or only a zombie.
 */
export const startOf = Effect.fnUntraced(function*(pid: number) {
  if (process.platform !== "linux") return yield* startByPs(pid)
  const fs = yield* FileSystem.FileSystem
  const stat = yield* Effect.option(fs.readFileString(`/proc/${pid}/stat`))
  const boot = yield* fs.readFileString("/proc/sys/kernel/random/boot_id").pipe(Effect.orElseSucceed(() => ""))
  return Option.flatMap(stat, (line) => {
    // The command's name stands in brackets and may itself contain blanks and brackets.
    const fields = line.slice(line.lastIndexOf(")") + 2).split(" ")
    const ticks = fields[19]
    return fields[0] === "Z" || fields[0] === "X" || ticks === undefined
      ? Option.none()
      : Option.some(`${boot.trim()}/${ticks}`)
  })
})

/** True while exactly this process runs: same pid, same start. */
export const isRunning = (pid: number, start: string) =>
  startOf(pid).pipe(Effect.map((now) => Option.isSome(now) && now.value === start))

/** The full command line of a process, arguments joined by blanks; empty when there is none to see. */
export const commandLineOf = Effect.fnUntraced(function*(pid: number) {
  if (process.platform !== "linux") {
    const { code, output } = yield* run("ps", ["-ww", "-o", "command=", "-p", String(pid)])
    return code === 0 ? output.trim() : ""
  }
  const fs = yield* FileSystem.FileSystem
  const raw = yield* fs.readFileString(`/proc/${pid}/cmdline`).pipe(Effect.orElseSucceed(() => ""))
  return raw.replaceAll("\0", " ").trim()
})

const startByPs = Effect.fnUntraced(function*(pid: number) {
  // LC_ALL fixes the wording of the date; TZ its zone, which two processes may see differently.
  const { code, output } = yield* run("ps", ["-o", "stat=,lstart=", "-p", String(pid)], {
    env: { PATH: "/bin:/usr/bin", LC_ALL: "C", TZ: "UTC" }
  })
  const [state = "Z", ...start] = output.trim().split(/\s+/)
  return code !== 0 || state.startsWith("Z") ? Option.none<string>() : Option.some(start.join(" "))
})
