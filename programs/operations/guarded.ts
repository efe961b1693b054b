import { Effect } from "effect"
import { HttpServerRequest } from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type { Operator, Role } from "../../src/domain/Operator.ts"
import { Access } from "./Access.ts"

/** What every answer of the console says to browsers (OWASP, "HTTP Headers Cheat Sheet"). */
export const safetyHeaders = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "x-frame-options": "DENY",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store"
} as const

export const jsonAnswer = (status: number, body: unknown): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.jsonUnsafe(body, { status, headers: safetyHeaders })

const wantsPage = ({ headers }: HttpServerRequest): boolean => (headers["accept"] ?? "").includes("text/html")

const refuse = (request: HttpServerRequest, possible: boolean): HttpServerResponse.HttpServerResponse => {
  if (!possible) return jsonAnswer(403, { error: "The console is closed: set OPS_TOKEN to open it on an address other than 127.0.0.1." })
  return wantsPage(request)
    ? HttpServerResponse.redirect("/login", { status: 303, headers: safetyHeaders })
    : HttpServerResponse.setHeader(jsonAnswer(401, { error: "A token is needed: Authorization: Bearer …" }), "www-authenticate", "Bearer")
}

/**
 * A change must come from the console's own page or from a program: a page elsewhere can neither send JSON nor this
 * header without being asked first, which is never granted.
 */
export const comesFromElsewhere = ({ headers, method }: HttpServerRequest): boolean => {
  if (method === "GET" || method === "HEAD") return false
  const site = headers["sec-fetch-site"]
  if (site !== undefined && site !== "same-origin" && site !== "none") return true
  const origin = headers["origin"]
  return origin !== undefined && URL.parse(origin)?.host !== headers["host"]
}

export const notFromHere = jsonAnswer(403, { error: "This request does not come from the console's own page." })

/** Runs it for somebody with this role, and for nobody else. */
export const guarded = <E, R>(
  role: Role,
  handler: (operator: Operator, request: HttpServerRequest) => Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>
): Effect.Effect<HttpServerResponse.HttpServerResponse, E, R | HttpServerRequest | Access> =>
  Effect.gen(function*() {
    const request = yield* HttpServerRequest
    const access = yield* Access
    const operator = yield* access.operatorOf(request)
    if (operator === null) return refuse(request, access.possible)
    if (comesFromElsewhere(request)) return notFromHere
    if (role === "operate" && operator.role !== "operate") return jsonAnswer(403, { error: `${operator.name} may look, but not change anything.` })
    return yield* handler(operator, request)
  })
