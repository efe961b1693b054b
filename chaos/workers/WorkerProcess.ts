import { spawn } from "node:child_process"
import { once } from "node:events"
import { createWriteStream, mkdirSync } from "node:fs"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import { stripVTControlCharacters } from "node:util"
import { Data, Effect, type Scope } from "effect"
import type { TcpLink } from "../servers/tcpLink.ts"

export const thisRelease = fileURLToPath(new URL("../../dist/main.js", import.meta.url))

export interface Ended {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  readonly at: number
}

export interface Links {
  readonly postgres: TcpLink
  readonly redis: TcpLink
}

/** One replica: a process of `dist/main.js`, known by its output, its signals and the links that it talks through. */
export interface WorkerProcess {
  readonly name: string
  readonly links: Links
  readonly grace: number
  readonly signal: (name: NodeJS.Signals) => Effect.Effect<void>
  readonly isAlive: () => boolean
  readonly ended: Effect.Effect<Ended>
  /** When it said so first; waits for it. */
  readonly says: (what: RegExp) => Effect.Effect<number>
  /** All that it has said until now. */
  readonly said: () => ReadonlyArray<string>
  /** What `/health/ready` answers now; 0 when nobody answers. */
  readonly readiness: Effect.Effect<number>
  readonly logFile: string
}

/** The replica did not come up. */
export class WorkerDidNotStart extends Data.TaggedError("WorkerDidNotStart")<{ readonly name: string; readonly said: string }> {
  override get message(): string {
    return `worker ${this.name} did not get ready:\n${this.said}`
  }
}

interface Line {
  readonly at: number
  readonly text: string
}

/** Starts a replica and waits until it is ready. Its whole process group is killed when the scope closes. */
export const startWorker = (options: {
  readonly name: string
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
  readonly links: Links
  readonly grace: number
  /** Another release's; this one's where it is not given. */
  readonly main?: string
}): Effect.Effect<WorkerProcess, WorkerDidNotStart, Scope.Scope> =>
  Effect.gen(function*() {
    const { folder, grace, links, name } = options
    mkdirSync(folder, { recursive: true })
    const logFile = path.join(folder, `${name}.log`)
    const lines: Array<Line> = []

    const { child, closed } = yield* Effect.acquireRelease(
      Effect.sync(() => {
        // oxlint-disable-next-line node/no-process-env -- the path is needed to find system programs
        const env = { PATH: process.env["PATH"] ?? "/usr/bin:/bin", HOME: "/nonexistent", OPS_PORT: "0", DATA_DIR: path.join(folder, name), ...options.env }
        const child = spawn(process.execPath, [options.main ?? thisRelease], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"], detached: true })
        const log = createWriteStream(logFile, { flags: "a" })
        const hear = (chunk: string): void => {
          const at = Date.now()
          for (const text of stripVTControlCharacters(chunk).split("\n")) if (text.trim() !== "") lines.push({ at, text })
          log.write(chunk)
        }
        child.stdout.setEncoding("utf8").on("data", hear)
        child.stderr.setEncoding("utf8").on("data", hear)
        const closed = once(child, "exit").then((): Ended => ({ status: child.exitCode, signal: child.signalCode, at: Date.now() }))
        void closed.then(() => log.end())
        return { child, closed }
      }),
      ({ child }) =>
        // Also what it has started: readers of files, which would notice only later.
        Effect.ignore(Effect.try(() => process.kill(-(child.pid ?? 0), "SIGKILL")))
    )
    const isAlive = () => child.exitCode === null && child.signalCode === null
    const said = () => lines.map(({ text }) => text)
    const find = (what: RegExp) => lines.find(({ text }) => what.test(text))
    const says = (what: RegExp): Effect.Effect<number> =>
      Effect.suspend(() => {
        const found = find(what)
        return found === undefined ? Effect.andThen(Effect.sleep("10 millis"), says(what)) : Effect.succeed(found.at)
      })
    const ready = /Ready after .*(https?:\/\/\S+\/health\/ready)/
    yield* Effect.raceFirst(says(ready), Effect.promise(() => closed).pipe(Effect.andThen(Effect.fail("it ended")))).pipe(
      Effect.timeout("30 seconds"),
      Effect.mapError(() => new WorkerDidNotStart({ name, said: said().slice(-10).join("\n") }))
    )
    const address = ready.exec(find(ready)?.text ?? "")?.[1] ?? ""

    return {
      name,
      links,
      grace,
      signal: (signalName) => Effect.sync(() => void child.kill(signalName)),
      isAlive,
      ended: Effect.promise(() => closed),
      says,
      said,
      readiness: Effect.tryPromise(() => fetch(address, { signal: AbortSignal.timeout(2_000) })).pipe(
        Effect.map(({ status }) => status),
        Effect.orElseSucceed(() => 0)
      ),
      logFile
    }
  })

/** Runs a command of `dist/main.js` to its end; what it has said. */
export const runCommand = (args: ReadonlyArray<string>, env: Readonly<Record<string, string>>, folder: string): Effect.Effect<string> =>
  Effect.promise(async () => {
    const child = spawn(process.execPath, [thisRelease, ...args], { cwd: folder, env: { PATH: "/usr/bin:/bin", HOME: "/nonexistent", ...env }, stdio: ["ignore", "pipe", "pipe"] })
    let said = ""
    const hear = (chunk: string): void => void (said += chunk)
    child.stdout.setEncoding("utf8").on("data", hear)
    child.stderr.setEncoding("utf8").on("data", hear)
    await once(child, "close")
    if (child.exitCode !== 0) throw new Error(`${args.join(" ")} ended with ${child.exitCode}: ${said}`)
    return stripVTControlCharacters(said)
  })

export const migrate = (env: Readonly<Record<string, string>>, folder: string): Effect.Effect<void> => Effect.asVoid(runCommand(["migrate"], env, folder))
