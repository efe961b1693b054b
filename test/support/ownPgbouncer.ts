import { Effect, type Scope } from "effect"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { chmod, chown, writeFile } from "node:fs/promises"
import { connect } from "node:net"
import * as path from "node:path"
import { freePort } from "../../layers/embedded/freePort.ts"
import { serverUserFor } from "../../layers/embedded/serverUser.ts"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { tempDir } from "./tempDir.ts"

export interface PgbouncerOptions {
  /** The server behind it, with the user whom it lets in. */
  readonly url: string
  readonly mode: "transaction" | "session"
  /** Parameters of a session that it passes over instead of refusing the connection. */
  readonly ignores?: ReadonlyArray<string>
  /** What it says on each connection to the server. */
  readonly connectQuery?: string
}

const answers = (port: number): Effect.Effect<boolean> =>
  Effect.callback<boolean>((resume) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy()
      resume(Effect.succeed(true))
    })
    socket.once("error", () => resume(Effect.succeed(false)))
  })

/** A PgBouncer on a free port until the scope closes; the URL through it. Needs `pgbouncer` on the machine. */
export const startPgbouncer = ({ connectQuery, ignores = [], mode, url }: PgbouncerOptions): Effect.Effect<string, never, Scope.Scope> =>
  Effect.gen(function*() {
    const folder = yield* tempDir
    const port = yield* freePort
    const user = yield* serverUserFor(path.join(folder, "pgbouncer"))
    const to = new URL(url)
    const database = to.pathname.slice(1)
    const settings = [
      "[databases]",
      `${database} = host=${to.hostname} port=${to.port} dbname=${database}${connectQuery === undefined ? "" : ` connect_query='${connectQuery}'`}`,
      "[pgbouncer]",
      "listen_addr = 127.0.0.1",
      `listen_port = ${port}`,
      "unix_socket_dir =",
      "auth_type = plain",
      `auth_file = ${folder}/users`,
      `pool_mode = ${mode}`,
      ...(ignores.length === 0 ? [] : [`ignore_startup_parameters = ${ignores.join(",")}`])
    ]
    yield* Effect.acquireRelease(
      Effect.promise(async () => {
        await writeFile(`${folder}/users`, `"${to.username}" "${decodeURIComponent(to.password)}"\n`)
        await writeFile(`${folder}/ini`, `${settings.join("\n")}\n`)
        await chmod(folder, 0o755)
        if (user !== null) for (const name of ["", "/users", "/ini"]) await chown(`${folder}${name}`, user.uid, user.gid)
        const child = spawn("pgbouncer", [`${folder}/ini`], { stdio: "ignore", ...(user === null ? {} : { uid: user.uid, gid: user.gid }), env: { PATH: "/usr/sbin:/usr/bin:/bin" } })
        await once(child, "spawn")
        return child
      }),
      (child) =>
        Effect.promise(async () => {
          if (child.exitCode !== null || child.signalCode !== null) return
          const ended = once(child, "exit")
          child.kill("SIGKILL")
          await ended
        })
    )
    yield* answers(port).pipe(Effect.tap((up) => up ? Effect.void : Effect.sleep("25 millis")), Effect.repeat({ until: (up) => up }), Effect.timeout("10 seconds"))
    to.hostname = "127.0.0.1"
    to.port = String(port)
    return to.href
  }).pipe(Effect.orDie, Effect.provide(NodeFileSystem.layer))
