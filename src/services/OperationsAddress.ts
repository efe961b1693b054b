import { Context, Effect, Layer, Ref } from "effect"

/** Where this process can be asked how it is: the address that is listened on, null while there is none. */
export class OperationsAddress extends Context.Service<OperationsAddress, Ref.Ref<string | null>>()("tt-worker/services/OperationsAddress") {
  static readonly layer: Layer.Layer<OperationsAddress> = Layer.effect(OperationsAddress, Ref.make<string | null>(null))
  static readonly now: Effect.Effect<string | null, never, OperationsAddress> = Effect.flatMap(OperationsAddress, Ref.get)
}

/** Whether a server that listens on this host can be reached from this machine only. */
export const isLoopback = (host: string): boolean => host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host)
