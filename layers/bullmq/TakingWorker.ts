import { type IQueueBackend, type Job, type JobJson, Worker } from "bullmq"

/**
 * BullMQ's worker without its loop: it is asked for jobs and told how each one ended. The supervisor has its own loop, so
 * that taking, pausing, concurrency, locks and giving back are in one place and can be replaced while jobs run. What
 * BullMQ does when a job is handed out (the next run of its own job schedulers) stays BullMQ's.
 */
export class TakingWorker<B extends IQueueBackend, Connection> extends Worker<unknown, unknown, string, B, number, Connection> {
  /** For a job that was taken from where BullMQ keeps it, and locked with this token: what BullMQ does next with it. */
  beginTaken(json: JobJson, token: string): Promise<Job<unknown, unknown, string> | undefined> {
    return this.nextJobFromJobData(json, json.id, token)
  }
}

/** What the job queue needs of it, whatever its backend. */
export interface OpenedWorker {
  readonly backend: Pick<IQueueBackend, "waitForJob" | "disconnectBlocking">
}
