import { Data, type Effect } from "effect"
import type { QueueName } from "../../contract/index.ts"
import type { Controls } from "../../services/QueueControls.ts"
import type { Actor, ActorStopped, Reply } from "../Actor.ts"
import type { FetchTrouble } from "./fetching.ts"

export interface ConsumerStatus {
  readonly queue: QueueName
  /**
   * `draining`: takes no more, and some jobs still run. `waiting-for-server`: its queue has not answered for a while.
   * `refused`: it answers, and hands out nothing (it is full, or does not let us).
   */
  readonly state: "taking" | "paused" | "draining" | "drained" | "waiting-for-server" | "refused"
  /** Why it takes nothing though it should; null in every other state. */
  readonly trouble: FetchTrouble | null
  readonly running: number
  readonly concurrency: number
  /** Jobs that ended since it began, those handed back not counted. */
  readonly finished: number
}

/** All that a consumer can be told; it does one after the other. */
export type ConsumerMessage = Data.TaggedEnum<{
  /** No job is started until `Resume`; what runs goes on. */
  Pause: {}
  /** Ends `Pause` and `Drain`. What operators' rows say stays in force. */
  Resume: {}
  /** Jobs at once, until operators' rows say something new. */
  SetConcurrency: { readonly concurrency: number }
  /** No job is started from here on; answers when none is running. */
  Drain: { readonly reply: Reply<void> }
  /** Interrupts what is running and gives those jobs back, without using up an attempt; answers how many. */
  HandBack: { readonly reply: Reply<number> }
  Status: { readonly reply: Reply<ConsumerStatus> }
  /** Operators' rows, as read last. */
  Obey: { readonly controls: Controls }
}>
export const ConsumerMessage = Data.taggedEnum<ConsumerMessage>()

/** A consumer, as the drain and people who look see it. */
export interface ConsumerHandle {
  readonly queue: QueueName
  readonly actor: Pick<Actor<ConsumerMessage, never>, "tell" | "ask">
}

type Asking<A> = Effect.Effect<A, ActorStopped>

export const drainConsumer = ({ actor }: ConsumerHandle): Asking<void> => actor.ask<void>((reply) => ConsumerMessage.Drain({ reply }))
export const handBackJobs = ({ actor }: ConsumerHandle): Asking<number> => actor.ask<number>((reply) => ConsumerMessage.HandBack({ reply }))
export const statusOf = ({ actor }: ConsumerHandle): Asking<ConsumerStatus> => actor.ask<ConsumerStatus>((reply) => ConsumerMessage.Status({ reply }))
