import type * as http from "node:http"
import { Effect, type Scope } from "effect"
import { bodyOf, listen } from "./loopback.ts"

/** What happens to one request. */
export type OpenAiReply =
  | { readonly kind: "answer"; readonly content: unknown; readonly finishReason?: string }
  /** An answer that is made of what was asked. */
  | { readonly kind: "work-out"; readonly content: (request: OpenAiRequest) => Promise<unknown> }
  | { readonly kind: "refuse"; readonly words: string }
  | { readonly kind: "status"; readonly status: number; readonly error?: { readonly code?: string; readonly type?: string; readonly param?: string }; readonly headers?: Record<string, string> }
  | { readonly kind: "raw"; readonly body: string; readonly contentType: string }
  /** The head and half the body, then the connection drops or nothing more comes. */
  | { readonly kind: "cut" | "stall" }
  | { readonly kind: "reset" | "silence" }

export interface OpenAiRequest {
  readonly path: string
  readonly headers: http.IncomingHttpHeaders
  readonly body: Record<string, unknown>
}

export interface OpenAiEmulator {
  readonly baseUrl: string
  /** The next requests meet these, one each; afterwards every request meets the last one. */
  replies: Array<OpenAiReply>
  readonly requests: Array<OpenAiRequest>
  /** Requests whose connection the client closed before the answer was whole. */
  abandoned: number
  /** Each request waits for this before it is answered; `peer` is the client's port. */
  before?: (request: OpenAiRequest, peer: number) => Promise<void>
}

const completion = (message: Record<string, unknown>, finish_reason = "stop") =>
  JSON.stringify({
    id: "chatcmpl-emulated",
    object: "chat.completion",
    created: 1_767_225_600,
    model: "emulated",
    choices: [{ index: 0, message: { role: "assistant", content: null, refusal: null, ...message }, finish_reason }],
    usage: { prompt_tokens: 1_200, completion_tokens: 300, total_tokens: 1_500 }
  })

const json = (response: http.ServerResponse, body: string) => response.writeHead(200, { "content-type": "application/json" }).end(body)

const send = (reply: OpenAiReply, request: OpenAiRequest, response: http.ServerResponse): unknown => {
  switch (reply.kind) {
    case "work-out":
      return reply.content(request).then(
        (content) => json(response, completion({ content: JSON.stringify(content) })),
        () => response.writeHead(500).end()
      )
    case "answer":
      return json(response, completion({ content: typeof reply.content === "string" ? reply.content : JSON.stringify(reply.content) }, reply.finishReason))
    case "refuse":
      return json(response, completion({ refusal: reply.words }))
    case "status": {
      // The API quotes what was sent in its messages.
      const quoted = `emulated, quoting INVOICE TEXT and ${request.headers.authorization} ${JSON.stringify(request.body["messages"])}`
      const error = { message: quoted, type: null, param: null, code: null, ...reply.error }
      response.writeHead(reply.status, { "content-type": reply.error === undefined ? "text/html" : "application/json", ...reply.headers })
      return response.end(reply.error === undefined ? `<html>${quoted}</html>` : JSON.stringify({ error }))
    }
    case "raw":
      return response.writeHead(200, { "content-type": reply.contentType }).end(reply.body)
    case "cut":
    case "stall": {
      const body = completion({ content: "{}" })
      response.writeHead(200, { "content-type": "application/json", "content-length": body.length })
      return response.write(body.slice(0, 50), () => reply.kind === "cut" && setTimeout(() => response.destroy(), 20))
    }
    case "reset":
      return response.req.socket.resetAndDestroy()
    case "silence":
      return
  }
}

/** OpenAI's chat completions on a free loopback port until the scope closes. */
export const startOpenAi: Effect.Effect<OpenAiEmulator, never, Scope.Scope> = Effect.gen(function*() {
  const emulator: Omit<OpenAiEmulator, "baseUrl"> = { replies: [], requests: [], abandoned: 0 }
  const base = yield* listen((request, response) => {
    response.on("close", () => {
      if (!response.writableFinished) emulator.abandoned++
    })
    const peer = request.socket.remotePort ?? 0
    // A body that its client breaks off is nobody's request.
    void bodyOf(request).catch(() => null).then(async (text) => {
      if (text === null) return
      const body: Record<string, unknown> = JSON.parse(text)
      const asked = { path: request.url ?? "", headers: request.headers, body }
      emulator.requests.push(asked)
      if (emulator.before !== undefined) await emulator.before(asked, peer)
      const reply = emulator.replies.length > 1 ? emulator.replies.shift() : emulator.replies[0]
      if (request.url?.split("?")[0] !== "/v1/chat/completions") return send({ kind: "status", status: 404 }, asked, response)
      return send(reply ?? { kind: "status", status: 500 }, asked, response)
    })
  })
  return Object.assign(emulator, { baseUrl: `${base}/v1` })
})
