import { Exit, Option, Tracer } from "effect"
import type { RunningJob } from "../../src/domain/ProcessStatus.ts"
import { safeAttribute } from "../../src/observability/safeAttribute.ts"
import { safeExit } from "../../src/observability/safeExit.ts"
import { attributes } from "../../src/observability/attributes.ts"
import { isKnownSpan } from "../../src/observability/spans.ts"

/** What becomes of the spans of one piece of work, from its first to its last. */
class Recording {
  /** Whether anything in it went wrong: then it is kept whatever the ratio says. */
  failed = false
  /** null while it is not decided whether the trace is kept. */
  kept: boolean | null
  /** Its spans that have not ended, in the order in which they began. */
  readonly open = new Set<WorkSpan>()
  leftOut = 0
  #taken = 0
  readonly #waiting: Array<() => void> = []

  readonly #onEnd: (recording: Recording) => void

  constructor(decided: boolean, onEnd: (recording: Recording) => void) {
    this.kept = decided ? true : null
    this.#onEnd = onEnd
  }

  /** Sends a span that has ended, now or when it is decided. */
  send(span: () => void): void {
    if (this.kept === false) return
    if (this.#taken++ >= mostSpans) {
      this.leftOut++
      return
    }
    if (this.kept === true) span()
    else this.#waiting.push(span)
  }

  /** Its first span has ended, and with it the work. */
  end(kept: () => boolean, first: () => void): void {
    this.#onEnd(this)
    if (this.kept === null) this.#decide(kept())
    if (this.kept === true) first()
  }

  #decide(kept: boolean): void {
    this.kept = kept
    if (kept) for (const span of this.#waiting) span()
    this.#waiting.length = 0
  }
}

/** Work with more spans than this (a first sync of a large mailbox) is told by its first ones to end, and the first of all. */
const mostSpans = 500

type SpanOptions = Parameters<Tracer.Tracer["span"]>[0]

/** A span that is exported, with what may be said in it. */
class WorkSpan implements Tracer.Span {
  readonly _tag = "Span"
  readonly recording: Recording
  readonly #inner: Tracer.Span
  readonly #first: boolean
  readonly #ratio: number
  #statements = 0
  #failedWith: string | null = null

  constructor(inner: Tracer.Span, recording: Recording, first: boolean, ratio: number) {
    this.#inner = inner
    this.recording = recording
    this.#first = first
    this.#ratio = ratio
    recording.open.add(this)
  }

  get name() {
    return this.#inner.name
  }
  get spanId() {
    return this.#inner.spanId
  }
  get traceId() {
    return this.#inner.traceId
  }
  get parent() {
    return this.#inner.parent
  }
  get annotations() {
    return this.#inner.annotations
  }
  get status() {
    return this.#inner.status
  }
  get attributes() {
    return this.#inner.attributes
  }
  get links() {
    return this.#inner.links
  }
  get sampled() {
    return true
  }
  get kind() {
    return this.#inner.kind
  }

  attribute(key: string, value: unknown): void {
    if (key === attributes.errorCode && typeof value === "string") this.#failedWith = value
    const safe = safeAttribute(key, value)
    if (safe !== null) this.#inner.attribute(safe.key, safe.value)
  }

  event(name: string, startTime: bigint): void {
    // SQL's own events would make each of its spans a page; attributes of events are nobody's to choose here.
    if (!name.startsWith("effect.sql.")) this.#inner.event(name, startTime)
  }

  addLinks(links: ReadonlyArray<Tracer.SpanLink>): void {
    this.#inner.addLinks(links)
  }

  /** A statement that is not shown by itself. */
  countStatement(): void {
    this.#statements++
  }

  end(endTime: bigint, exit: Exit.Exit<unknown, unknown>): void {
    if (this.#statements > 0) this.#inner.attribute(attributes.sqlStatements, this.#statements)
    // An attempt ends well, whatever became of its job: the verdict is its value.
    const ended = safeExit(Exit.isSuccess(exit) && this.#failedWith !== null ? Exit.fail({ _tag: this.#failedWith }) : exit)
    if (Exit.isFailure(ended)) this.recording.failed = true
    this.recording.open.delete(this)
    const finish = () => this.#inner.end(endTime, ended)
    if (!this.#first) return this.recording.send(finish)
    if (this.recording.leftOut > 0) this.#inner.attribute(attributes.spansLeftOut, this.recording.leftOut)
    this.recording.end(() => this.recording.failed || isKept(this.traceId, this.#ratio), finish)
  }
}

/** As OpenTelemetry's TraceIdRatioBased: every process decides the same for a trace, by the last 7 bytes of its id. */
const isKept = (traceId: string, ratio: number): boolean => Number.parseInt(traceId.slice(-14), 16) < ratio * 2 ** 56

/** Stands for its parent: what happens inside hangs below that. */
const folded = (options: SpanOptions, parent: WorkSpan): Tracer.Span => {
  const span = new Tracer.NativeSpan(options)
  return Object.assign(span, { _traceId: parent.traceId, _spanId: parent.spanId, foldedInto: parent })
}

const workSpanOf = (span: Option.Option<Tracer.AnySpan>): WorkSpan | null => {
  if (Option.isNone(span)) return null
  if (span.value instanceof WorkSpan) return span.value
  return "foldedInto" in span.value && span.value.foldedInto instanceof WorkSpan ? span.value.foldedInto : null
}

/** Effect names a statement's span after the database, whatever that is called; all others of kind client are ours. */
const isSql = ({ kind, name }: SpanOptions): boolean => name.startsWith("sql.") || kind === "client" && !isKnownSpan(name)

const silent = (options: SpanOptions): Tracer.Span => new Tracer.NativeSpan({ ...options, sampled: false })

/** A job that runs, as its spans tell; null where this is no attempt of a job. */
const runningJob = ({ open }: Recording): RunningJob | null => {
  const [root, ...steps] = open
  const text = (key: string): string | null => {
    const value = root?.attributes.get(key)
    return typeof value === "string" ? value : null
  }
  const queue = text(attributes.messagingDestination)
  const jobId = text(attributes.messagingMessageId)
  if (root === undefined || queue === null || jobId === null) return null
  return {
    queue,
    jobId,
    tenantId: text(attributes.tenantId),
    invoiceId: text(attributes.invoiceId),
    attempt: Number(root.attributes.get(attributes.attempt) ?? 1),
    step: steps.at(-1)?.name ?? null,
    since: Number(root.status.startTime / 1_000_000n),
    traceId: root.traceId
  }
}

export interface WorkTracerOptions {
  /** Of the traces without a fault, 0 to 1. */
  readonly ratio: number
  /** Whether each SQL statement has a span of its own; else it is counted on the span that it belongs to. */
  readonly sql: boolean
}

export interface WorkTracer {
  readonly tracer: Tracer.Tracer
  /** The jobs that run now, the oldest first. */
  readonly running: () => ReadonlyArray<RunningJob>
}

/**
 * Exports spans of work only: those below a span of kind `consumer` or `producer`. What a worker does while it
 * waits makes none. Whether a trace is kept is decided when its first span here has ended, so that all faults are kept;
 * attributes are those of `src/observability`, and failures are told by name.
 */
export const workTracer = (exporter: Tracer.Tracer, options: WorkTracerOptions): WorkTracer => {
  const recordings = new Set<Recording>()
  const begin = (asked: SpanOptions): WorkSpan => {
    // A producer whose own trace is not kept asks for the same here; a fault is kept all the same.
    const ratio = asked.sampled ? options.ratio : 0
    const recording = new Recording(ratio >= 1, (ended) => recordings.delete(ended))
    recordings.add(recording)
    return new WorkSpan(exporter.span({ ...asked, sampled: true }), recording, true, ratio)
  }
  const tracer = Tracer.make({
    span(asked) {
      const parent = workSpanOf(asked.parent)
      if (parent === null) return asked.kind === "consumer" || asked.kind === "producer" ? begin(asked) : silent(asked)
      if (!asked.sampled) return silent(asked)
      if (!options.sql && isSql(asked)) {
        if (asked.kind === "client") parent.countStatement()
        return folded(asked, parent)
      }
      return new WorkSpan(exporter.span(asked), parent.recording, false, options.ratio)
    }
  })
  return { tracer, running: () => [...recordings].flatMap((recording) => runningJob(recording) ?? []) }
}
