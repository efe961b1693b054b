import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { Context, Data, Deferred, Effect, Layer, Option, Redacted, Schema } from "effect"
import { spawn } from "node:child_process"
import { readFile } from "node:fs/promises"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import { query } from "../../../layers/embedded/connection.ts"
import { EmbeddedPostgres, type EmbeddedPostgresOptions } from "../../../layers/embedded/EmbeddedPostgres.ts"
import { startOf } from "../../../layers/embedded/processIdentity.ts"
import { ChildReport } from "./childReport.ts"

export const isRoot = process.geteuid?.() === 0

/** Opens the embedded PostgreSQL in this process, until the scope closes. */
export const open = (dataDir: string, mode: EmbeddedPostgresOptions["mode"] = "own") =>
  Layer.build(EmbeddedPostgres.layer({ dataDir, mode })).pipe(Effect.map((context) => Context.get(context, EmbeddedPostgres)))

/** The pid of the server, as PostgreSQL itself wrote it down. */
export const postmasterPid = (dataDir: string) =>
  Effect.promise(() => readFile(path.join(dataDir, "data", "postmaster.pid"), "utf8")).pipe(
    Effect.map((text) => Number(text.split("\n")[0]))
  )

/** A zombie, which nobody reaps in some containers, is dead. */
export const isAlive = (pid: number) =>
  startOf(pid).pipe(Effect.map(Option.isSome), Effect.provide(NodeFileSystem.layer))

/** True once the server at this address answers a query, false when it does not. */
export const answers = (url: string) => query(Redacted.make(url), "select 1").pipe(Effect.isSuccess)

export class ChildEnded extends Data.TaggedError("ChildEnded")<{ readonly output: string }> {}

const decodeReport = Schema.decodeUnknownEffect(Schema.fromJsonString(ChildReport))
const PROGRAM = fileURLToPath(new URL("supervisorChild.ts", import.meta.url))

/** Runs `supervisorChild.ts` as a real process, killed with the scope. */
export const startChild = Effect.fnUntraced(function*(
  dataDir: string,
  mode: EmbeddedPostgresOptions["mode"],
  options: { readonly uid?: number; readonly gid?: number; readonly program?: string } = {}
) {
  const { program = PROGRAM, ...user } = options
  const line = yield* Deferred.make<string, ChildEnded>()
  const ended = yield* Deferred.make<number>()
  const child = yield* Effect.acquireRelease(
    Effect.sync(() => spawn(process.execPath, [program, dataDir, mode], { ...user, stdio: ["ignore", "pipe", "pipe"] })),
    (child) =>
      Effect.suspend(() => {
        child.kill("SIGTERM")
        return Deferred.await(ended)
      })
  )
  let output = ""
  let errors = ""
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString()
    // The report is the line of JSON among what is logged.
    const report = /^\{.*\}$/m.exec(output)
    if (report !== null) Deferred.doneUnsafe(line, Effect.succeed(report[0]))
  })
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()))
  child.once("close", (code) => {
    Deferred.doneUnsafe(line, Effect.fail(new ChildEnded({ output: output + errors })))
    Deferred.doneUnsafe(ended, Effect.succeed(code ?? -1))
  })
  const report = Deferred.await(line).pipe(Effect.flatMap(decodeReport))
  return {
    pid: child.pid ?? 0,
    report,
    /** The report of a child that is expected to come up. */
    ready: report.pipe(Effect.flatMap((said) =>
      said._tag === "Ready" ? Effect.succeed(said) : Effect.fail(new ChildEnded({ output: said.message }))
    )),
    /** Sends a signal and waits for the end of the child; its exit code, -1 for a signal. */
    kill: (signal: NodeJS.Signals) =>
      Effect.suspend(() => {
        child.kill(signal)
        return Deferred.await(ended)
      })
  }
})
