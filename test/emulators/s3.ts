import { mkdtemp, rm } from "node:fs/promises"
import * as http from "node:http"
import { tmpdir } from "node:os"
import * as path from "node:path"
import { Effect, type Scope } from "effect"
import S3rver from "s3rver"
import { listen } from "./loopback.ts"
import { type Account, checkSignature } from "./sigV4.ts"

/** What happens to one request instead of its answer. */
export type S3Fault =
  | { readonly kind: "answer"; readonly status: number; readonly code?: string; readonly headers?: Record<string, string> }
  | { readonly kind: "cut"; readonly afterBytes: number }
  | { readonly kind: "reset" }
  | { readonly kind: "silence" }

export interface S3Emulator {
  readonly endpoint: string
  readonly bucket: string
  readonly account: Account
  /** The next requests meet these, one each. */
  readonly faults: Array<S3Fault>
  readonly requests: Array<{ readonly method: string; readonly target: string; readonly headers: http.IncomingHttpHeaders }>
  /** Requests whose connection the client closed before the answer was whole. */
  abandoned: number
  /** Each request waits for this before it is answered; `peer` is the client's port. */
  before?: (request: { readonly method: string; readonly target: string }, peer: number) => Promise<void>
}

const account: Account = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" }
const bucket = "invoices"

/** s3rver takes unsigned requests, so the front checks the signature itself and takes it off. */
const unsignedTarget = (target: string): string => {
  const [place = "", search = ""] = target.split("?")
  const query = new URLSearchParams([...new URLSearchParams(search)].filter(([name]) => !/^x-amz-/i.test(name)))
  return query.size === 0 ? place : `${place}?${query}`
}

const refuse = (response: http.ServerResponse, status: number, code: string | undefined, headers: Record<string, string> = {}) => {
  const body = code === undefined ? "" : `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${response.req.url}</Message></Error>`
  response.writeHead(status, { "content-type": "application/xml", "x-amz-request-id": "emulated", ...headers })
  response.end(response.req.method === "HEAD" ? undefined : body)
}

const proxy = (port: number, request: http.IncomingMessage, response: http.ServerResponse, cutAfter: number | null) => {
  const { authorization: _, ...headers } = request.headers
  const onward = http.request({ port, host: "127.0.0.1", method: request.method, path: unsignedTarget(request.url ?? ""), headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 500, answer.headers)
    if (cutAfter === null) return void answer.pipe(response)
    answer.once("data", (chunk: Buffer) => response.write(chunk.subarray(0, cutAfter), () => setTimeout(() => response.destroy(), 20)))
  })
  onward.on("error", () => response.destroy())
  // A client that has gone leaves no request open behind it, which the server would wait for when it is closed.
  response.on("close", () => onward.destroy())
  request.pipe(onward)
}

/** An S3 server with one bucket that refuses wrong, tampered and expired signatures, until the scope closes. */
export const startS3: Effect.Effect<S3Emulator, never, Scope.Scope> = Effect.gen(function*() {
  const directory = yield* Effect.acquireRelease(
    Effect.promise(() => mkdtemp(path.join(tmpdir(), "s3-"))),
    (folder) => Effect.promise(() => rm(folder, { recursive: true, force: true }))
  )
  const { port } = yield* Effect.acquireRelease(
    Effect.promise(async () => {
      const server = new S3rver({ port: 0, address: "127.0.0.1", silent: true, directory, configureBuckets: [{ name: bucket }] })
      return { server, port: (await server.run()).port }
    }),
    ({ server }) => Effect.promise(() => server.close())
  )
  const emulator: Omit<S3Emulator, "endpoint"> = { bucket, account, faults: [], requests: [], abandoned: 0 }
  const serve = (request: http.IncomingMessage, response: http.ServerResponse) => {
    const fault = emulator.faults.shift()
    if (fault?.kind === "silence") return
    if (fault?.kind === "reset") return void request.socket.resetAndDestroy()
    if (fault?.kind === "answer") return refuse(response, fault.status, fault.code, fault.headers)
    const problem = checkSignature(request, account)
    if (problem !== null) return refuse(response, 403, problem)
    proxy(port, request, response, fault?.kind === "cut" ? fault.afterBytes : null)
  }
  const endpoint = yield* listen((request, response) => {
    response.on("close", () => {
      if (!response.writableFinished) emulator.abandoned++
    })
    const asked = { method: request.method ?? "", target: request.url ?? "", headers: request.headers }
    emulator.requests.push(asked)
    if (emulator.before === undefined) return serve(request, response)
    void emulator.before(asked, request.socket.remotePort ?? 0).then(() => response.destroyed ? undefined : serve(request, response))
  })
  return Object.assign(emulator, { endpoint })
})
