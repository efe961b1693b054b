import { Effect } from "effect"
import { spawn } from "node:child_process"

/** The user that the server's processes run as, and that owns its files. */
export interface ServerUser {
  readonly name: string
  readonly uid: number
  readonly gid: number
  /** False when we are root and act for another user. */
  readonly isUs: boolean
}

/** What a short command left: its exit code (-1 when it could not be started) and all that it printed. */
export interface Ran {
  readonly code: number
  readonly output: string
}

export interface RunOptions {
  /** Runs the command as this user; without it, as ourselves. */
  readonly as?: ServerUser | undefined
  readonly input?: string | undefined
  /** Replaces the environment. Without it the command gets ours. */
  readonly env?: Record<string, string> | undefined
}

/** The part of spawn's options that makes a command run as the given user. */
export const asUser = (user: ServerUser | undefined): { readonly uid?: number; readonly gid?: number } =>
  user === undefined || user.isUs ? {} : { uid: user.uid, gid: user.gid }

/**
 * Runs a short command to its end, in `/` so that a working folder closed to the user does not matter.
 * Never fails: the caller reads the code. Interruption ends the command and waits until it is gone; a polite end,
 * since initdb has helpers and half a folder to take with it.
 */
export const run = (command: string, args: ReadonlyArray<string>, options: RunOptions = {}): Effect.Effect<Ran> =>
  Effect.callback<Ran>((resume) => {
    const child = spawn(command, args, {
      ...asUser(options.as),
      ...(options.env === undefined ? {} : { env: options.env }),
      cwd: "/",
      stdio: ["pipe", "pipe", "pipe"]
    })
    let output = ""
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()))
    child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()))
    child.once("error", (error) => resume(Effect.succeed({ code: -1, output: error.message })))
    child.once("close", (code) => resume(Effect.succeed({ code: code ?? -1, output })))
    // A command that ends before it has read its input is judged by its code, not by the broken pipe.
    child.stdin.on("error", () => undefined)
    child.stdin.end(options.input)
    const gone = Effect.callback<void>((resume) => {
      child.once("close", () => resume(Effect.void))
    })
    return Effect.suspend(() => {
      child.kill("SIGTERM")
      return Effect.timeoutOrElse(gone, {
        duration: POLITE_END_WITHIN,
        orElse: () => Effect.sync(() => child.kill("SIGKILL"))
      })
    })
  })

const POLITE_END_WITHIN = "5 seconds"
