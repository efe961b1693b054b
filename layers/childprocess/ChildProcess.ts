import { Cause, Deferred, Duration, Effect, Exit, Queue, Schema, type Scope } from "effect"
import { fork, type ChildProcess as NodeChild } from "node:child_process"
import { ChildError, ChildReason } from "./ChildError.ts"
import type { OrphanGuard } from "./OrphanGuard.ts"
import { messageOf } from "./protocol.ts"
import { lookEvery, residentMemory } from "./residentMemory.ts"

/** How one kind of child is started and bounded. */
export interface ChildKind<Part> {
  /** For messages: "PDF reader". */
  readonly name: string
  /** Path of the entry module, which calls `serve`. */
  readonly entry: string
  /** What each part of an answer is decoded with. */
  readonly part: Schema.Codec<Part, unknown>
  /** Old space of V8's heap in MiB; what lies outside the heap is bounded by `hardMemory` alone. */
  readonly heapMegabytes: number
  /** Bytes of resident memory at which a child is ended in the middle of a request. */
  readonly hardMemory: number
}

export interface ChildRequest {
  /** A plain value that the structured clone algorithm takes. */
  readonly command: unknown
  /** Handed over by a pipe: over IPC 20 MiB would hold the event loop for 15 ms and be copied twice. */
  readonly bytes: Uint8Array
  readonly timeLimit: Duration.Duration
  /** Longest wait for the next part of the answer. */
  readonly silenceLimit: Duration.Duration
}

export interface ChildProcess<Part> {
  readonly pid: number
  readonly isAlive: () => boolean
  /** Requests answered so far. */
  readonly answered: () => number
  /** Resident memory in bytes after the last answer. */
  readonly memory: () => number
  /** One request at a time. Whatever ends it early (a limit, interruption, nonsense) ends the child as well. */
  readonly ask: (request: ChildRequest) => Effect.Effect<ReadonlyArray<Part>, ChildError>
}

const startLimit = Duration.seconds(20)

/**
 * No environment is handed down: a process that opens hostile files has no business with keys. The variables keep
 * native libraries from spreading memory over threads and arenas, and make glibc give it back.
 */
const environment = { VIPS_CONCURRENCY: "1", MALLOC_ARENA_MAX: "1", MALLOC_TRIM_THRESHOLD_: "131072", MALLOC_MMAP_THRESHOLD_: "131072" }

const launch = <Part>(kind: ChildKind<Part>): NodeChild =>
  fork(kind.entry, [], {
    execPath: process.execPath,
    execArgv: [`--max-old-space-size=${kind.heapMegabytes}`, "--max-semi-space-size=4", "--no-warnings"],
    env: environment,
    serialization: "advanced",
    // Output of native libraries is swallowed: ours is machine-readable. stdin carries the bytes.
    stdio: ["pipe", "ignore", "ignore", "ipc"],
    // Its own process group: Ctrl-C in the terminal must not end an OCR that the parent still waits for.
    detached: true
  })

const exitInWords = (code: number | null, signal: string | null): string =>
  signal === null ? `exit code ${code ?? "unknown"}` : `signal ${signal}`

/** Starts a child and waits until its modules are loaded; closing the scope kills it and waits until it is gone. */
export const start = <Part>(kind: ChildKind<Part>, guard: OrphanGuard): Effect.Effect<ChildProcess<Part>, ChildError, Scope.Scope> => {
  const decode = Schema.decodeUnknownEffect(messageOf(kind.part))
  const failed = (reason: ChildReason) => new ChildError({ name: kind.name, reason })
  const notStarted = (why: string) => failed(ChildReason.NotStarted({ why }))
  const crashed = (how: string) => failed(ChildReason.Crashed({ how }))

  return Effect.gen(function*() {
    const inbox = yield* Queue.unbounded<unknown, ChildError>()
    const gone = yield* Deferred.make<void>()
    let alive = true
    let lastId = 0
    let answered = 0
    let memory = 0

    const child = yield* Effect.acquireRelease(
      Effect.sync(() => {
        const node = launch(kind)
        const over = (how: string): void => {
          alive = false
          if (node.pid !== undefined) guard.remove(node.pid)
          Queue.failCauseUnsafe(inbox, Cause.fail(crashed(how)))
          Deferred.doneUnsafe(gone, Exit.void)
        }
        node.on("message", (message) => Queue.offerUnsafe(inbox, message))
        node.once("exit", (code, signal) => over(exitInWords(code, signal)))
        // "error" also says that a message could not be sent; the exit that follows is what counts.
        node.on("error", (error) => node.pid === undefined && over("code" in error ? String(error.code) : error.name))
        // A child that ends before it has read all its bytes is judged by its exit, not by the broken pipe.
        node.stdin?.on("error", () => undefined)
        if (node.pid !== undefined) guard.add(node.pid)
        return node
      }),
      (node) => Effect.suspend(() => {
        if (alive) node.kill("SIGKILL")
        return Deferred.await(gone)
      })
    )
    const pid = child.pid ?? 0

    const next = Queue.take(inbox).pipe(Effect.flatMap((message) =>
      decode(message).pipe(Effect.mapError(() => crashed("an answer of the wrong shape")))
    ))

    yield* next.pipe(
      Effect.timeoutOrElse({ duration: startLimit, orElse: () => Effect.fail(notStarted("it did not become ready")) }),
      Effect.mapError((error) => error.reason._tag === "Crashed" ? notStarted(error.reason.how) : error)
    )

    const kill = Effect.suspend(() => {
      alive = false
      child.kill("SIGKILL")
      return Deferred.await(gone)
    })

    const watchMemory = residentMemory(pid).pipe(
      Effect.flatMap((bytes) =>
        bytes > kind.hardMemory
          ? Effect.fail(failed(ChildReason.OverMemory({ bytes, limit: kind.hardMemory })))
          : Effect.sleep(lookEvery)
      ),
      Effect.forever
    )

    const collect = Effect.fnUntraced(function*(id: number, silenceLimit: Duration.Duration) {
      const parts: Array<Part> = []
      while (true) {
        const message = yield* Effect.timeoutOrElse(next, {
          duration: silenceLimit,
          orElse: () => Effect.fail(failed(ChildReason.TimedOut({ limit: silenceLimit })))
        })
        if (message._tag === "Ready" || message.id !== id) return yield* crashed("an answer nobody asked for")
        if (message._tag === "Threw") return yield* crashed(`an uncaught ${message.error}`)
        if (message._tag === "Done") {
          answered += 1
          memory = message.memory
          return parts
        }
        parts.push(message.part)
        // Decoding is the only work that this process does with a file: others get their turn between the parts.
        yield* Effect.yieldNow
      }
    })

    const ask = (request: ChildRequest) =>
      Effect.suspend(() => {
        lastId += 1
        child.send({ id: lastId, size: request.bytes.byteLength, command: request.command }, () => undefined)
        child.stdin?.write(request.bytes)
        return collect(lastId, request.silenceLimit)
      }).pipe(
        Effect.raceFirst(watchMemory),
        Effect.timeoutOrElse({
          duration: request.timeLimit,
          orElse: () => Effect.fail(failed(ChildReason.TimedOut({ limit: request.timeLimit })))
        }),
        Effect.onExit((exit) => Exit.isSuccess(exit) ? Effect.void : kill)
      )

    return { pid, isAlive: () => alive, answered: () => answered, memory: () => memory, ask }
  })
}
