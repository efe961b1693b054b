import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { loadInTurns } from "../../../layers/process/loadInTurns.ts"

it.live("lets other work have its turn between the parts of a package", () =>
  Effect.gen(function*() {
    let turns = 0
    let goesOn = true
    const turn = (): void => {
      turns++
      if (goesOn) setImmediate(turn)
    }
    setImmediate(turn)
    const { Client } = yield* loadInTurns("undici", ["node:http2", "./lib/dispatcher/client.js", "./lib/web/fetch/index.js"], () => import("undici"))
    goesOn = false
    expect(typeof Client).toBe("function")
    expect(turns).toBeGreaterThanOrEqual(3)
  }))

it.live("loads a package whose parts are called otherwise by now", () =>
  Effect.gen(function*() {
    const { zipSync } = yield* loadInTurns("fflate", ["no-such-package", "./no/such/file.js"], () => import("fflate"))
    expect(typeof zipSync).toBe("function")
  }))
