/**
 * Loaded into a process before its own program (`node --import`), with a channel to its parent: looks at how long the
 * event loop does not turn, from when the parent says so, and tells it the longest times.
 */

/** A time in which nothing else had its turn, in milliseconds. */
export interface Block {
  readonly phase: string
  /** As a clock on the wall saw it: on a busy machine also other processes' work. */
  readonly wall: number
  /** What this thread itself computed meanwhile. */
  readonly cpu: number
  /** Since the beginning. */
  readonly at: number
}

const lookEvery = 2
const kept = 400

let blocks: Array<Block> = []
let phase = ""

const watch = (): void => {
  const begun = performance.now()
  let last = begun
  let used = process.threadCpuUsage()
  setInterval(() => {
    const [now, cpu] = [performance.now(), process.threadCpuUsage()]
    const block: Block = { phase, wall: now - last, cpu: (cpu.user + cpu.system - used.user - used.system) / 1000, at: last - begun }
    if (block.wall > 8) blocks.push(block)
    if (blocks.length > 2 * kept) blocks = blocks.toSorted((a, b) => b.wall - a.wall).slice(0, kept)
    last = now
    used = cpu
  }, lookEvery).unref()
}

process.on("message", (message: unknown) => {
  if (typeof message !== "string") return
  if (message === "look") process.send?.(blocks)
  else {
    if (phase === "") watch()
    phase = message
  }
})
process.channel?.unref()
