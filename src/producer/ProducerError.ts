export type ProducerErrorCode =
  /** The job data does not fit its queue; the message names each field. */
  | "job-data-invalid"
  /** An event's name, key, tenant or delay that cannot be used. */
  | "argument-invalid"
  /** The payload is no JSON object, or cannot be serialised (a BigInt, a cycle). */
  | "payload-not-json"
  /** More than `MAX_EVENT_BYTES`. */
  | "payload-too-large"
  /** The database answered something else than expected: the worker's migrations have not run, or `query` gives no rows. */
  | "misfit"

/** Thrown before anything is written. What the database itself refuses comes as your client's own error. */
export class ProducerError extends Error {
  readonly code: ProducerErrorCode
  constructor(code: ProducerErrorCode, message: string) {
    super(message)
    this.name = "ProducerError"
    this.code = code
  }
}
