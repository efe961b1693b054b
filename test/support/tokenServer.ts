import { Context, Effect, Layer } from "effect"
import { randomUUID } from "node:crypto"
import { createServer, type Server } from "node:http"

/**
 * A provider's token endpoint (RFC 6749, 6), and the one by which Dovecot asks about an access token: both on this
 * machine. Every refresh rotates the refresh token, as Microsoft's does.
 */
export class TokenServer extends Context.Service<TokenServer, {
  readonly tokenUrl: URL
  /** For Dovecot: the token is put behind it. */
  readonly tokenInfoUrl: string
  /** A refresh token for a user. */
  readonly signIn: (user: string) => string
  readonly revoke: (user: string) => void
  /** Answers the token endpoint with this status from now on; null for well. */
  readonly failWith: (status: number | null) => void
  /** Withdraws every access token before its time. */
  readonly withdrawAccess: () => void
  readonly refreshes: () => number
}>()("test/TokenServer") {
  static readonly layer: Layer.Layer<TokenServer> = Layer.effect(
    TokenServer,
    Effect.gen(function*() {
      const refreshTokens = new Map<string, string>()
      const accessTokens = new Map<string, string>()
      let failing: number | null = null
      let refreshes = 0
      const issue = (user: string) => {
        const token = `refresh-${randomUUID()}`
        refreshTokens.set(token, user)
        return token
      }
      const server = yield* Effect.acquireRelease(
        Effect.callback<Server>((resume) => {
          const made = createServer((request, response) => {
            const answer = (status: number, body: object) => response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
            const url = new URL(request.url ?? "/", "http://localhost")
            if (url.pathname === "/tokeninfo") {
              const user = accessTokens.get(url.searchParams.get("access_token") ?? "")
              return user === undefined ? answer(400, { error: "invalid_token" }) : answer(200, { email: user, active: "true" })
            }
            let body = ""
            request.on("data", (data: Buffer) => (body += data.toString()))
            request.on("end", () => {
              refreshes++
              if (failing !== null) return answer(failing, {})
              const form = new URLSearchParams(body)
              const given = form.get("refresh_token") ?? ""
              const user = refreshTokens.get(given)
              if (form.get("client_id") !== "our-client" || form.get("client_secret") !== "our-secret") return answer(401, { error: "invalid_client" })
              if (user === undefined) return answer(400, { error: "invalid_grant" })
              refreshTokens.delete(given)
              const access = `access-${randomUUID()}`
              accessTokens.set(access, user)
              answer(200, { access_token: access, token_type: "Bearer", expires_in: 3600, refresh_token: issue(user) })
            })
          })
          made.listen(0, "127.0.0.1", () => resume(Effect.succeed(made)))
        }),
        (made) => Effect.sync(() => made.close().closeAllConnections())
      )
      const address = server.address()
      const base = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`
      return TokenServer.of({
        tokenUrl: new URL(`${base}/token`),
        tokenInfoUrl: `${base}/tokeninfo?access_token=`,
        signIn: issue,
        revoke: (user) => {
          for (const [token, owner] of refreshTokens) if (owner === user) refreshTokens.delete(token)
        },
        failWith: (status) => void (failing = status),
        withdrawAccess: () => accessTokens.clear(),
        refreshes: () => refreshes
      })
    })
  )
}
