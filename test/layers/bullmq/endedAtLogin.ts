import { Effect } from "effect"
import { once } from "node:events"
import { connect, createServer, type Socket } from "node:net"

/** PostgreSQL's "ready for query, no transaction". */
const ready = Buffer.from([0x5a, 0, 0, 0, 5, 0x49])

const field = (kind: string, text: string): Buffer => Buffer.from(`${kind}${text}\0`)
const told = Buffer.concat([field("S", "FATAL"), field("V", "FATAL"), field("C", "57P01"), field("M", "terminating connection due to administrator command"), Buffer.from([0])])
const length = Buffer.alloc(4)
length.writeInt32BE(told.length + 4)
const ended = Buffer.concat([Buffer.from("E"), length, told])

/** Stands before a PostgreSQL; while `ending`, it ends each new connection in the very packet that says that it is made. */
export const endsAtLogin = (target: URL) =>
  Effect.gen(function*() {
    const state = { ending: false, ended: 0 }
    const sockets = new Set<Socket>()
    const server = yield* Effect.acquireRelease(
      Effect.promise(async () => {
        const listening = createServer((near) => {
          const far = connect(Number(target.port), target.hostname)
          let fresh = state.ending
          for (const socket of [near, far]) {
            sockets.add(socket)
            socket.on("error", () => undefined).on("close", () => {
              near.destroy()
              far.destroy()
            })
          }
          near.pipe(far)
          far.on("data", (chunk) => {
            if (!fresh || !chunk.includes(ready)) return void near.write(chunk)
            fresh = false
            state.ended++
            near.end(Buffer.concat([chunk, ended]))
            far.destroy()
          })
        }).listen(0, "127.0.0.1")
        await once(listening, "listening")
        return listening
      }),
      (listening) =>
        Effect.sync(() => {
          listening.close()
          for (const socket of sockets) socket.destroy()
        })
    )
    const address = server.address()
    return { state, port: typeof address === "object" && address !== null ? address.port : 0, dropAll: Effect.sync(() => sockets.forEach((socket) => socket.destroy())) }
  })
