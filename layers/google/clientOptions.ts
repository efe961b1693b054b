import { createPrivateKey } from "node:crypto"
import { readFile } from "node:fs/promises"
import { Data, Effect, Redacted, Schema } from "effect"
import type { ClientOptions } from "google-gax"
import { VisionError, VisionReason } from "../../src/services/Vision.ts"

/** What proves to Google who asks. */
export type GoogleCredentials = Data.TaggedEnum<{
  /** The path of a service account's key file, as Google's console gives it (JSON). */
  KeyFile: { readonly path: string }
  /** The text of such a file. */
  KeyJson: { readonly json: Redacted.Redacted<string> }
  ApiKey: { readonly key: Redacted.Redacted<string> }
}>
export const GoogleCredentials = Data.taggedEnum<GoogleCredentials>()

/** `insecure` is plain text without credentials: for an emulator only. */
export interface GoogleEndpoint {
  readonly host: string
  readonly port: number
  readonly insecure: boolean
}

/** The environment variable to look at when Google refuses. */
export const credentialsVariable = GoogleCredentials.$match({
  KeyFile: () => "GOOGLE_APPLICATION_CREDENTIALS",
  KeyJson: () => "GOOGLE_APPLICATION_CREDENTIALS",
  ApiKey: () => "GOOGLE_VISION_API_KEY"
})

const ServiceAccount = Schema.fromJsonString(Schema.Struct({
  type: Schema.Literal("service_account"),
  client_email: Schema.String,
  private_key: Schema.String
}))
const decodeServiceAccount = Schema.decodeUnknownEffect(ServiceAccount)

/** Covers Vision, and lets the client sign its tokens itself instead of fetching them. */
const scopes = ["https://www.googleapis.com/auth/cloud-platform"]

const unreadable = (credentials: GoogleCredentials, detail: string): VisionError =>
  new VisionError({ reason: VisionReason.Denied({ variable: credentialsVariable(credentials) }), detail })

const serviceAccount = Effect.fnUntraced(function*(credentials: GoogleCredentials, json: string): Effect.fn.Return<ClientOptions, VisionError> {
  const account = yield* decodeServiceAccount(json).pipe(
    // The schema's own words would quote the key.
    Effect.mapError(() => unreadable(credentials, "the Google credentials are no service account's key in JSON"))
  )
  yield* Effect.try({
    try: () => createPrivateKey(account.private_key),
    catch: () => unreadable(credentials, "the private key in the Google credentials cannot be read")
  })
  const { JWT } = yield* Effect.promise(() => import("google-auth-library"))
  const authClient = new JWT({ email: account.client_email, key: account.private_key, scopes })
  authClient.useJWTAccessWithScope = true
  return { authClient }
})

/** A client of its own also for a key: without one the library looks into GOOGLE_APPLICATION_CREDENTIALS by itself. */
const keyHolder = Effect.fnUntraced(function*(apiKey: string): Effect.fn.Return<ClientOptions> {
  const { OAuth2Client } = yield* Effect.promise(() => import("google-auth-library"))
  return { authClient: new OAuth2Client({ apiKey }) }
})

const authentication = (credentials: GoogleCredentials): Effect.Effect<ClientOptions, VisionError> => {
  switch (credentials._tag) {
    case "KeyFile":
      return Effect.tryPromise({
        try: () => readFile(credentials.path, "utf8"),
        catch: () => unreadable(credentials, `the file of the Google credentials cannot be read: ${credentials.path}`)
      }).pipe(Effect.flatMap((json) => serviceAccount(credentials, json)))
    case "KeyJson":
      return serviceAccount(credentials, Redacted.value(credentials.json))
    case "ApiKey":
      return keyHolder(Redacted.value(credentials.key))
  }
}

/** What the client is made with; fails where the credentials cannot be read. Nobody is asked for anything yet. */
export const clientOptions = Effect.fnUntraced(function*(
  credentials: GoogleCredentials,
  endpoint: GoogleEndpoint | undefined
): Effect.fn.Return<ClientOptions, VisionError> {
  const place: ClientOptions = endpoint === undefined ? {} : { apiEndpoint: endpoint.host, port: endpoint.port }
  if (endpoint?.insecure !== true) return { ...place, ...(yield* authentication(credentials)) }
  const { grpc } = yield* Effect.promise(() => import("google-gax"))
  const { PassThroughClient } = yield* Effect.promise(() => import("google-auth-library"))
  return { ...place, sslCreds: grpc.credentials.createInsecure(), authClient: new PassThroughClient() }
})
