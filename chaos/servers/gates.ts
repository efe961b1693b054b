import { Deferred, Duration, Effect } from "effect"

/** What a worker asks the outside world for, invoice by invoice; recognition and extraction cost money each time. */
export const steps = ["download", "recognition", "extraction"] as const
export type Step = (typeof steps)[number]

interface Gate {
  /** New requests of this invoice wait. */
  shut: boolean
  readonly held: Array<() => void>
  readonly arrived: Deferred.Deferred<number>
}

/** Holds, counts and lets go each request of each invoice at each step. */
export interface Gates {
  /** From now on this invoice's requests wait at this step. */
  readonly shut: (step: Step, invoiceId: string) => Effect.Effect<void>
  /** Resolves with the peer's port of the first request that waits there. */
  readonly arrival: (step: Step, invoiceId: string) => Effect.Effect<number>
  /** Requests to come pass; those that wait go on waiting. */
  readonly letOthersPass: (step: Step, invoiceId: string) => Effect.Effect<void>
  readonly open: (step: Step, invoiceId: string) => Effect.Effect<void>
  /** Every other request of this step takes this long: the length of a job. */
  readonly slow: (step: Step, duration: Duration.Input) => Effect.Effect<void>
  readonly openAll: Effect.Effect<void>
  /** Requests so far. */
  readonly calls: (step: Step) => number
  readonly callsOf: (step: Step, invoiceId: string) => number
  /** The port of whoever asked last; 0 before. */
  readonly lastPeer: (step: Step, invoiceId: string) => number
  /** What an emulator waits for before it answers. */
  readonly pass: (step: Step, invoiceId: string, peer: number) => Promise<void>
}

export const makeGates = (): Gates => {
  const gates = new Map<string, Gate>()
  const counts = new Map<string, number>()
  const peers = new Map<string, number>()
  const delays = new Map<Step, number>()
  const add = (key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1)

  const gateAt = (step: Step, invoiceId: string): Gate => {
    const key = `${step} ${invoiceId}`
    const known = gates.get(key)
    if (known !== undefined) return known
    const gate: Gate = { shut: false, held: [], arrived: Deferred.makeUnsafe() }
    gates.set(key, gate)
    return gate
  }
  const change = (step: Step, invoiceId: string, how: (gate: Gate) => void) => Effect.sync(() => how(gateAt(step, invoiceId)))
  const openGate = (gate: Gate): void => {
    gate.shut = false
    for (const go of gate.held.splice(0)) go()
  }

  return {
    shut: (step, invoiceId) => change(step, invoiceId, (gate) => void (gate.shut = true)),
    arrival: (step, invoiceId) => Deferred.await(gateAt(step, invoiceId).arrived),
    letOthersPass: (step, invoiceId) => change(step, invoiceId, (gate) => void (gate.shut = false)),
    open: (step, invoiceId) => change(step, invoiceId, openGate),
    slow: (step, duration) => Effect.sync(() => void delays.set(step, Duration.toMillis(Duration.fromInputUnsafe(duration)))),
    openAll: Effect.sync(() => {
      delays.clear()
      for (const gate of gates.values()) openGate(gate)
    }),
    calls: (step) => counts.get(step) ?? 0,
    callsOf: (step, invoiceId) => counts.get(`${step} ${invoiceId}`) ?? 0,
    lastPeer: (step, invoiceId) => peers.get(`${step} ${invoiceId}`) ?? 0,
    pass: (step, invoiceId, peer) => {
      peers.set(`${step} ${invoiceId}`, peer)
      add(step)
      add(`${step} ${invoiceId}`)
      const gate = gates.get(`${step} ${invoiceId}`)
      if (gate?.shut !== true) {
        const delay = delays.get(step) ?? 0
        return delay === 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, delay))
      }
      return new Promise((go) => {
        gate.held.push(go)
        Deferred.doneUnsafe(gate.arrived, Effect.succeed(peer))
      })
    }
  }
}
