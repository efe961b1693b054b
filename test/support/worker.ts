import { Duration, Effect, type Scope } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"

const main = fileURLToPath(new URL("../../main.ts", import.meta.url))

export interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunningWorker {
  readonly child: ChildProcess
  readonly stdout: () => string
  readonly stderr: () => string
  /** Resolves with what `text` is found in, on either output. */
  readonly says: (text: string | RegExp) => Effect.Effect<string>
  readonly ended: Effect.Effect<Ended>
}

/** A clean environment: nothing of the machine that runs the tests decides what the worker is. */
const environment = (own: Readonly<Record<string, string>>): Record<string, string> => {
  // oxlint-disable-next-line node/no-process-env -- the path is needed to find system programs such as useradd
  const { PATH: path = "/usr/bin:/bin", TZ: zone } = process.env
  return { PATH: path, HOME: "/nonexistent", OPS_PORT: "0", ...(zone === undefined ? {} : { TZ: zone }), ...own }
}

/** Runs the real program from its sources, in its own working folder; killed when the scope closes. */
export const startWorker = (
  cwd: string,
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>> = {}
): Effect.Effect<RunningWorker, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const child = spawn(process.execPath, [main, ...args], { cwd, env: environment(env), stdio: ["ignore", "pipe", "pipe"] })
      let stdout = ""
      let stderr = ""
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        stdout += text
      })
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        stderr += text
      })
      const closed = once(child, "close")
      const says = (text: string | RegExp) => {
        const look: Effect.Effect<string> = Effect.suspend(() => {
          const all = stdout + stderr
          const found = typeof text === "string" ? all.includes(text) : text.test(all)
          if (found) return Effect.succeed(all)
          if (child.exitCode !== null) return Effect.die(new Error(`it ended with ${child.exitCode} without saying ${String(text)}:\n${all}`))
          return Effect.sleep(Duration.millis(20)).pipe(Effect.andThen(look))
        })
        return look.pipe(Effect.timeoutOrElse({
          duration: Duration.seconds(40),
          orElse: () => Effect.die(new Error(`it did not say ${String(text)} in time:\n${stdout}${stderr}`))
        }))
      }
      return {
        child,
        stdout: () => stdout,
        stderr: () => stderr,
        says,
        ended: Effect.promise(() => closed).pipe(Effect.map((): Ended => ({ status: child.exitCode, stdout, stderr })))
      }
    }),
    ({ child }) => Effect.sync(() => child.kill("SIGKILL"))
  )

/** Runs a command to its end. */
export const runWorker = (cwd: string, args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}): Effect.Effect<Ended> =>
  startWorker(cwd, args, env).pipe(Effect.flatMap(({ ended }) => ended), Effect.scoped)
