import { Effect, type Scope } from "effect"
import type { Socket } from "node:net"
import type { Client } from "undici"
import { loadInTurns } from "../process/loadInTurns.ts"

/** One connection, used by one request at a time. */
export interface Connection {
  readonly client: Client
  readonly origin: string
  /** Whether another request has used it before. */
  readonly isFresh: boolean
}

class SocketGone extends Error {
  readonly code = "ECONNRESET"
}

/** Kept open for the next delivery: for one receiver, and in all. */
const mostIdle = 100
const mostIdleInAll = 512
/** Shorter than what servers keep open: one that is closed at this moment costs a second try. */
const keepAlive = 4_000
/** Headers of an answer, in bytes; more is no answer. */
const mostHeaderBytes = 16 * 1024

/** What undici stands on; it takes 80 ms in one go. */
const parts = ["node:http2", "node:zlib", "./lib/dispatcher/client.js", "./lib/web/fetch/response.js", "./lib/web/fetch/index.js", "./lib/interceptor/cache.js", "./lib/web/websocket/websocket.js"]

/** Connections that wait to be used again, by origin. All are closed with the scope. */
export interface Connections {
  readonly takeIdle: (origin: string) => Connection | null
  /** Asked before a connection is made, so that none is left to itself while the client is loaded. */
  readonly adopter: Effect.Effect<(origin: string, socket: Socket) => Connection>
  readonly giveBack: (connection: Connection) => void
  readonly close: (connection: Connection) => void
}

export const makeConnections: Effect.Effect<Connections, never, Scope.Scope> = Effect.gen(function*() {
  // 8 MB, for the first delivery to load.
  const undici = yield* Effect.cached(loadInTurns("undici", parts, () => import("undici")))
  const idle = new Map<string, Array<Client>>()
  const all = new Set<Client>()
  let waiting = 0

  const end = (client: Client) => {
    all.delete(client)
    void client.destroy().catch(() => {})
  }
  const forget = (origin: string, client: Client) => {
    const clients = idle.get(origin)
    const index = clients?.indexOf(client) ?? -1
    if (clients !== undefined && index >= 0) {
      clients.splice(index, 1)
      waiting--
      if (clients.length === 0) idle.delete(origin)
    }
    end(client)
  }
  yield* Effect.addFinalizer(() => Effect.sync(() => [...all].forEach(end)))

  return {
    takeIdle: (origin) => {
      const clients = idle.get(origin)
      const client = clients?.pop()
      if (clients === undefined || client === undefined) return null
      waiting--
      if (clients.length === 0) idle.delete(origin)
      return { client, origin, isFresh: false }
    },
    adopter: Effect.map(undici, ({ Client }) => (origin, socket) => {
      let handed = false
      const client = new Client(origin, {
        // The one connection was made and checked beforehand; this client never makes another.
        connect: (_options, callback) => {
          const gone = handed || socket.destroyed
          handed = true
          // Not before the client has done asking: an answer in the middle of the question is lost.
          queueMicrotask(() => gone ? callback(new SocketGone(), null) : callback(null, socket))
        },
        pipelining: 1,
        keepAliveTimeout: keepAlive,
        keepAliveMaxTimeout: keepAlive,
        maxHeaderSize: mostHeaderBytes,
        headersTimeout: 0,
        bodyTimeout: 0,
        allowH2: false
      })
      all.add(client)
      client.once("disconnect", () => forget(origin, client))
      return { client, origin, isFresh: true }
    }),
    giveBack: ({ client, origin }) => {
      if (!all.has(client)) return
      const clients = idle.get(origin) ?? []
      if (clients.length >= mostIdle || waiting >= mostIdleInAll) return end(client)
      clients.push(client)
      idle.set(origin, clients)
      waiting++
    },
    close: ({ client }) => end(client)
  }
})
