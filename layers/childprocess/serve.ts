/**
 * The child's side. It is written without effect: effect and its schemas would cost each child 50 MB and a quarter of
 * a second, and there is nothing to supervise in here. The parent limits, watches and ends the child from outside.
 */

/** A request as it crosses: a plain value over IPC, and as many bytes over stdin as it says. */
interface Request {
  readonly id: number
  readonly size: number
  readonly command: unknown
}

const isRequest = (message: unknown): message is Request =>
  typeof message === "object" && message !== null && "id" in message && typeof message.id === "number" &&
  "size" in message && typeof message.size === "number" && "command" in message

/** Sends one part of the answer; resolves when it is on its way. */
export type SendPart = (part: unknown) => Promise<void>

/** Answers one request. Only one is worked on at a time. */
export type Handler = (command: unknown, bytes: Uint8Array, sendPart: SendPart) => Promise<void>

const say = (message: object): Promise<void> =>
  new Promise((resolve) => {
    if (process.send === undefined) resolve()
    else process.send(message, undefined, undefined, () => resolve())
  })

/** Reads exactly `size` bytes from stdin into one buffer. */
const readBytes = (size: number): Promise<Uint8Array> =>
  new Promise((resolve) => {
    const bytes = new Uint8Array(size)
    let read = 0
    const onData = (chunk: Buffer): void => {
      bytes.set(chunk, read)
      read += chunk.length
      if (read >= size) finish()
    }
    const finish = (): void => {
      process.stdin.off("data", onData)
      process.stdin.pause()
      resolve(bytes)
    }
    if (size === 0) return finish()
    process.stdin.on("data", onData)
    process.stdin.resume()
  })

/**
 * Makes this process a child that answers requests with `handle`. It ignores the signals of a terminal and of a
 * service manager (the parent drains, and ends its children itself) and goes when the parent goes.
 */
export const serve = (handle: Handler): void => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined)
  process.on("disconnect", () => process.exit(0))
  process.on("message", (message: unknown) => {
    if (!isRequest(message)) return
    const { command, id, size } = message
    readBytes(size)
      .then((bytes) => handle(command, bytes, (part) => say({ _tag: "Part", id, part })))
      .then(
        () => say({ _tag: "Done", id, memory: process.memoryUsage.rss() }),
        (error: unknown) => say({ _tag: "Threw", id, error: error instanceof Error ? error.name : typeof error })
      )
  })
  void say({ _tag: "Ready" })
}
