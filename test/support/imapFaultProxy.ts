import { Effect, type Scope } from "effect"
import { readFileSync } from "node:fs"
import type { Socket } from "node:net"
import * as tls from "node:tls"
import { fileURLToPath } from "node:url"

const file = (name: string) => readFileSync(fileURLToPath(new URL(`tls/${name}`, import.meta.url)))

export type Fault = "cut" | "stall" | "NO" | "BAD" | "BYE" | "cut-answer"

export interface FaultRule {
  /** As it stands in the command after its tag: "EXAMINE", "UID FETCH" … */
  readonly command: RegExp
  readonly fault: Fault
  /** The fault comes at this occurrence (1 is the first), once, unless `always`. */
  readonly nth?: number
  readonly always?: boolean
}

export interface FaultProxy {
  readonly port: number
  /** From now on, counted anew. */
  readonly setRule: (rule: FaultRule | null) => void
  /** How often the rule has struck. */
  readonly struck: () => number
  /** Every command that came through, without its tag and arguments. */
  readonly commands: ReadonlyArray<string>
}

/**
 * Stands between the client and a real server, both by TLS, and makes one command go wrong: the connection cut, no
 * answer, a refusal, a goodbye, or an answer that breaks off.
 */
export const imapFaultProxy = (target: { readonly port: number }): Effect.Effect<FaultProxy, never, Scope.Scope> =>
  Effect.gen(function*() {
    let rule: FaultRule | null = null
    let seen = 0
    let struck = 0
    const commands: Array<string> = []
    const sockets = new Set<Socket>()

    const strikes = (command: string): boolean => {
      if (rule === null || !rule.command.test(command)) return false
      seen++
      const hit = rule.always === true || seen === (rule.nth ?? 1)
      if (hit) struck++
      return hit
    }

    const serve = (client: tls.TLSSocket) => {
      const server = tls.connect({ host: "127.0.0.1", port: target.port, rejectUnauthorized: false })
      let cutAnswer = false
      const end = () => {
        client.destroy()
        server.destroy()
      }
      for (const socket of [client, server]) {
        sockets.add(socket)
        socket.on("error", end)
        socket.on("close", () => {
          sockets.delete(socket)
          end()
        })
      }
      server.on("data", (data: Buffer) => {
        if (!cutAnswer) return void client.write(data)
        client.write(data.subarray(0, Math.max(1, Math.floor(data.length / 2))), end)
      })
      let pending = ""
      client.on("data", (data: Buffer) => {
        pending += data.toString("latin1")
        for (let at = pending.indexOf("\r\n"); at >= 0; at = pending.indexOf("\r\n")) {
          const line = pending.slice(0, at)
          pending = pending.slice(at + 2)
          const [, tag = "", command = ""] = /^(\S+) (.*)$/.exec(line) ?? []
          commands.push(command.split(" ").slice(0, command.startsWith("UID ") ? 2 : 1).join(" "))
          if (rule === null || !strikes(command)) {
            server.write(`${line}\r\n`, "latin1")
            continue
          }
          switch (rule.fault) {
            case "cut":
              return end()
            case "stall":
              return
            case "NO":
            case "BAD":
              client.write(`${tag} ${rule.fault} not today\r\n`)
              continue
            case "BYE":
              client.end("* BYE going down\r\n")
              return server.destroy()
            case "cut-answer":
              cutAnswer = true
              server.write(`${line}\r\n`, "latin1")
          }
        }
      })
    }

    const listener = yield* Effect.acquireRelease(
      Effect.callback<tls.Server>((resume) => {
        const made = tls.createServer({ cert: file("server.pem"), key: file("server-key.pem") }, serve)
        made.listen(0, "127.0.0.1", () => resume(Effect.succeed(made)))
      }),
      (made) =>
        Effect.callback<void>((resume) => {
          for (const socket of sockets) socket.destroy()
          made.close(() => resume(Effect.void))
        })
    )
    const address = listener.address()
    return {
      port: typeof address === "object" && address !== null ? address.port : 0,
      setRule: (next) => {
        rule = next
        seen = 0
        struck = 0
      },
      struck: () => struck,
      commands
    }
  })
