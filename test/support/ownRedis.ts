import { Clock, Context, Effect, Layer, Redacted } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { connect } from "node:net"
import { freePort } from "../../layers/embedded/freePort.ts"
import { tempDir } from "./tempDir.ts"

/** Whether something on this port answers PING as Redis does. */
const answers = (port: number): Effect.Effect<boolean> =>
  Effect.callback<boolean>((resume) => {
    const socket = connect(port, "127.0.0.1", () => socket.write("PING\r\n"))
    socket.once("data", (data) => {
      socket.destroy()
      resume(Effect.succeed(data.toString().startsWith("+PONG")))
    })
    socket.once("error", () => resume(Effect.succeed(false)))
    return Effect.sync(() => socket.destroy())
  })

const spawnServer = async (port: number, directory: string): Promise<ChildProcess> => {
  const child = spawn(
    "redis-server",
    ["--port", String(port), "--bind", "127.0.0.1", "--dir", directory, "--databases", "100", "--save", "", "--appendonly", "yes", "--daemonize", "no"],
    { stdio: "ignore" }
  )
  // Rejects with ENOENT where redis-server is not installed: these tests fail then, they are not skipped.
  await once(child, "spawn")
  return child
}

const end = (child: ChildProcess, signal: NodeJS.Signals) =>
  Effect.promise(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, "exit")
    child.kill(signal)
    await exited
  })

/**
 * A redis-server for one test file, on a free port, with its files in a temporary folder; thrown away with it. Needs
 * `redis-server` on the PATH. Starting and stopping take real time, also below a TestClock.
 */
export class OwnRedis extends Context.Service<OwnRedis, {
  readonly url: Redacted.Redacted
  /** All its files. */
  readonly directory: string
  /** Kills the server as a crash would (SIGKILL). */
  readonly stop: Effect.Effect<void>
  /** Starts it again on the same port and the same files. */
  readonly start: Effect.Effect<void>
  /** Stops and continues the process (SIGSTOP, SIGCONT): connections stay open and nobody answers. */
  readonly pause: Effect.Effect<void>
  readonly resume: Effect.Effect<void>
}>()("test/OwnRedis") {
  static readonly layer: Layer.Layer<OwnRedis> = Layer.effect(
    OwnRedis,
    Effect.gen(function*() {
      const directory = yield* tempDir
      const port = yield* freePort
      let server: ChildProcess | null = null

      const stopBy = (signal: NodeJS.Signals) => Effect.suspend(() => server === null ? Effect.void : end(server, signal))
      const start = Effect.promise(() => spawnServer(port, directory)).pipe(
        Effect.tap((child) => Effect.sync(() => void (server = child))),
        Effect.andThen(answers(port).pipe(
          Effect.tap((ready) => ready ? Effect.void : Effect.sleep("25 millis")),
          Effect.repeat({ until: (ready) => ready }),
          Effect.timeout("10 seconds")
        )),
        Effect.orDie,
        Effect.asVoid,
        Effect.provideService(Clock.Clock, Context.get(Context.empty(), Clock.Clock))
      )
      const signal = (name: NodeJS.Signals) => Effect.sync(() => void server?.kill(name))
      yield* Effect.acquireRelease(start, () => Effect.andThen(signal("SIGCONT"), stopBy("SIGTERM")))
      return OwnRedis.of({
        url: Redacted.make(`redis://127.0.0.1:${port}`),
        directory,
        start,
        stop: stopBy("SIGKILL"),
        pause: signal("SIGSTOP"),
        resume: signal("SIGCONT")
      })
    }).pipe(Effect.orDie)
  )
}
