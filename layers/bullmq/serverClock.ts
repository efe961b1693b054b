import type { IQueueBackend } from "bullmq"

/**
 * BullMQ's JavaScript tells its server what time it is, by this process's clock. With clocks apart, a delayed job would
 * run as much too early or too late, and where locks end by these times, a healthy worker's job would be taken from it.
 */
export type ServerClock = () => Promise<number>

/** From here on this backend puts jobs off by its server's clock, in milliseconds since 1970. */
export const delayByServerClock = (backend: Pick<IQueueBackend, "moveToDelayed">, clock: ServerClock): void => {
  const moveToDelayed = backend.moveToDelayed.bind(backend)
  backend.moveToDelayed = async (jobId, _own, delay, token, options) => moveToDelayed(jobId, await clock(), delay, token, options)
}
