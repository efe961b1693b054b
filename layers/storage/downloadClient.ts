import { Layer } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"

/**
 * The HTTP client for presigned URLs. A redirection is an answer like any other (S3 sends one for a wrong region):
 * followed, it would carry the signature to a host that nobody chose.
 */
export const downloadClient = FetchHttpClient.layer.pipe(
  Layer.provide(Layer.succeed(FetchHttpClient.RequestInit, { redirect: "manual" }))
)
