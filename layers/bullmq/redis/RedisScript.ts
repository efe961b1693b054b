import type { Redis } from "ioredis"
import { createHash } from "node:crypto"

/** A script that Redis keeps under its SHA-1; sent whole only when Redis does not have it (a new or flushed server). */
export class RedisScript {
  readonly #source: string
  readonly #sha: string
  constructor(source: string) {
    this.#source = source
    this.#sha = createHash("sha1").update(source).digest("hex")
  }
  async run(redis: Redis, key: string, args: ReadonlyArray<string | number>): Promise<unknown> {
    try {
      return await redis.evalsha(this.#sha, 1, key, ...args)
    } catch (cause) {
      if (!(cause instanceof Error && cause.message.startsWith("NOSCRIPT"))) throw cause
      return redis.eval(this.#source, 1, key, ...args)
    }
  }
}
