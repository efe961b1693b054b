import { Cause, Clock, type Context, Deferred, Duration, Effect, Exit, type Fiber, Queue, Random } from "effect"
import type { ChildSpec, SupervisorSpec } from "./ChildSpec.ts"
import { beginLife } from "./childLife.ts"
import { reasonInWords } from "./reasonInWords.ts"
import { RestartHistory, type RestartLimit } from "./RestartIntensity.ts"
import { restartDelay } from "./restartDelay.ts"
import { allBegun, type Backoff, dueToStart, dueToStop, type Ending, goesDownWith, type Life, type Slot } from "./Slot.ts"
import { TreeFailed } from "./TreeFailed.ts"
import type { TreeNode } from "./TreeStatus.ts"

/** How long siblings that do not stand on a child wait for its first start. */
const startPatience = Duration.seconds(5)
const defaultStartWithin = Duration.seconds(30)

type Event<R> =
  | { readonly _tag: "Started" | "StartOverdue" | "StopOverdue"; readonly slot: Slot<R>; readonly life: Life }
  | { readonly _tag: "Fell" | "Gone"; readonly slot: Slot<R>; readonly life: Life; readonly exit: Exit.Exit<void, unknown> }
  | { readonly _tag: "BackoffOver"; readonly slot: Slot<R>; readonly backoff: Backoff }
  | { readonly _tag: "PatienceOver"; readonly slot: Slot<R> }
  | { readonly _tag: "Restart"; readonly slot: Slot<R>; readonly reason: string }
  | { readonly _tag: "Close" }

/**
 * One supervisor. All that happens to its children reaches it as events, and it alone changes their slots, one event
 * after another; it never waits for a child, so that no child can hold up another. After each event it does what is
 * due: stops, starts, or the end.
 */
export class SupervisorLoop<R> {
  readonly started = Deferred.makeUnsafe<void, TreeFailed>()
  readonly ended = Deferred.makeUnsafe<never, TreeFailed>()
  readonly #over = Deferred.makeUnsafe<void>()
  readonly #events: Queue.Queue<Event<R>>
  readonly #spec: SupervisorSpec<R>
  readonly #node: TreeNode
  readonly #context: Context.Context<R>
  readonly #changed: () => void
  readonly #slots: ReadonlyArray<Slot<R>>
  #now = 0
  #closing = false
  #isOver = false
  #failure: TreeFailed | null = null

  constructor(spec: SupervisorSpec<R>, children: ReadonlyArray<ChildSpec<unknown, R>>, node: TreeNode, changed: () => void, context: Context.Context<R>) {
    this.#spec = spec
    this.#node = node
    this.#context = context
    this.#changed = changed
    this.#events = Effect.runSync(Queue.unbounded<Event<R>>())
    const shared = new RestartHistory(spec.intensity)
    this.#slots = children.flatMap((child, index) => {
      const childNode = node.children[index]
      if (childNode === undefined) return []
      const history = child.intensity === undefined ? shared : new RestartHistory(child.intensity)
      return [{ index, spec: child, node: childNode, history, life: null, toStart: true, toStop: false, begun: false, crashesInARow: 0, backoff: null, patience: null }]
    })
  }

  /** Until all children are stopped for good. */
  readonly run: Effect.Effect<void> = Effect.gen({ self: this }, function*() {
    for (const slot of this.#slots) {
      slot.node.restart = (reason) => !this.#closing && this.#post({ _tag: "Restart", slot, reason })
    }
    this.#now = yield* Clock.currentTimeMillis
    this.#node.enter("starting", this.#now)
    this.#reconcile()
    while (!this.#isOver) {
      const event = yield* Queue.take(this.#events)
      this.#now = yield* Clock.currentTimeMillis
      yield* this.#handle(event)
      this.#reconcile()
    }
  }).pipe(
    // A fault of its own: whoever waits for it is told.
    Effect.onError((cause) => Effect.sync(() => this.#tellAll(Exit.failCause(cause))))
  )

  readonly close: Effect.Effect<void> = Effect.suspend(() => {
    this.#post({ _tag: "Close" })
    return Deferred.await(this.#over)
  })

  #post(event: Event<R>): boolean {
    return Queue.offerUnsafe(this.#events, event)
  }

  #after(duration: Duration.Duration, event: Event<R>): Fiber.Fiber<void> | null {
    if (!Duration.isFinite(duration)) return null
    return Effect.runForkWith(this.#context)(Effect.map(Effect.sleep(duration), () => void this.#post(event)))
  }

  *#handle(event: Event<R>) {
    switch (event._tag) {
      case "Close":
        return this.#closeDown()
      case "Restart":
        return yield* this.#restart(event.slot, event.reason)
      case "BackoffOver": {
        if (event.slot.backoff === event.backoff) this.#dropBackoff(event.slot)
        return
      }
      case "PatienceOver": {
        event.slot.begun = true
        return
      }
    }
    const { life, slot } = event
    if (slot.life !== life) {
      if (event._tag === "Gone") slot.node.leftBehind -= 1
      return
    }
    switch (event._tag) {
      case "Started": {
        if (life.ending !== null) return
        this.#cancel(life.timer)
        life.timer = null
        life.startedAt = this.#now
        this.#begun(slot)
        return slot.node.enter("running", this.#now)
      }
      case "StartOverdue":
        if (life.startedAt !== null) return
        return this.#bringDown(slot, life, { _tag: "Crash", reason: `did not start within ${Duration.format(this.#startWithin(slot))}`, cause: null })
      case "Fell":
        if (life.ending === null) return this.#goesOut(slot, life, endingOf(event.exit))
        return yield* this.#tellTrouble(slot, event.exit)
      case "Gone":
        yield* this.#tellTrouble(slot, event.exit)
        return yield* this.#settle(slot, life)
      case "StopOverdue": {
        slot.node.leftBehind += 1
        yield* Effect.logWarning(`${slot.node.path} did not stop within ${Duration.format(slot.spec.stopWithin)} and is left behind`)
        return yield* this.#settle(slot, life)
      }
    }
  }

  #startWithin(slot: Slot<R>): Duration.Duration {
    return slot.spec.startWithin ?? defaultStartWithin
  }

  #begin(slot: Slot<R>): void {
    const life: Life = { fiber: null, startedAt: null, ending: null, timer: null }
    slot.life = life
    slot.toStart = false
    slot.node.starts += 1
    slot.node.enter("starting", this.#now)
    life.timer = this.#after(this.#startWithin(slot), { _tag: "StartOverdue", slot, life })
    if (!slot.begun && this.#spec.strategy === "one-for-one") slot.patience = this.#after(startPatience, { _tag: "PatienceOver", slot })
    life.fiber = beginLife(slot.spec.start, this.#context, {
      started: () => void this.#post({ _tag: "Started", slot, life }),
      fell: (exit) => void this.#post({ _tag: "Fell", slot, life, exit }),
      gone: (exit) => {
        if (slot.life === life) return void this.#post({ _tag: "Gone", slot, life, exit })
        slot.node.leftBehind -= 1
        this.#changed()
      }
    })
  }

  /** From now on its deadline counts. */
  #goesOut(slot: Slot<R>, life: Life, ending: Ending): void {
    this.#cancel(life.timer)
    life.ending = ending
    life.timer = this.#after(slot.spec.stopWithin, { _tag: "StopOverdue", slot, life })
    slot.node.enter("stopping", this.#now)
  }

  #bringDown(slot: Slot<R>, life: Life, ending: Ending): void {
    if (life.ending !== null) return
    this.#goesOut(slot, life, ending)
    life.fiber?.interruptUnsafe()
  }

  /** A life is over, or left to itself: its kind says what comes of it. */
  *#settle(slot: Slot<R>, life: Life) {
    this.#cancel(life.timer)
    slot.life = null
    slot.toStop = false
    this.#begun(slot)
    const { ending } = life
    if (ending === null || ending._tag === "Asked" || (ending._tag === "Well" && slot.spec.kind !== "permanent")) {
      return slot.node.enter(slot.backoff === null ? "stopped" : "backing-off", this.#now)
    }
    const reason = ending._tag === "Well" ? "it ended, though it should not" : ending.reason
    slot.node.lastFailure = reason
    const tell = (then: string) => this.#tellCrash(slot, life, reason, then)
    if (this.#closing) {
      slot.node.enter("stopped", this.#now)
      return yield* tell("it is stopped anyway")
    }
    if (slot.spec.kind === "temporary") {
      slot.node.enter("failed", this.#now)
      return yield* tell("it is not started again")
    }
    const backoff = slot.spec.backoff ?? this.#spec.backoff
    if (life.startedAt !== null && this.#now - life.startedAt >= Duration.toMillis(backoff.cap)) slot.crashesInARow = 0
    slot.crashesInARow += 1
    const exceeded = slot.history.record(this.#now)
    if (exceeded !== null) {
      yield* tell(`${this.#spec.name} gives up`)
      return this.#giveUp(slot, exceeded, reason)
    }
    const delay = restartDelay(backoff, slot.crashesInARow, yield* Random.next)
    for (const other of this.#slots) {
      if (goesDownWith(this.#spec.strategy, slot.index, other.index)) this.#takeDown(other, other === slot, delay)
    }
    yield* tell(`next start in ${Duration.format(delay)}`)
  }

  /** What goes wrong on the way out changes nothing any more, but is told. */
  *#tellTrouble(slot: Slot<R>, exit: Exit.Exit<void, unknown>) {
    if (Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause)) return
    yield* Effect.logWarning(`${slot.node.path} failed while it was stopped: ${reasonInWords(exit.cause)}`)
  }

  *#tellCrash(slot: Slot<R>, life: Life, reason: string, then: string) {
    const line = `${slot.node.path} ${life.startedAt === null ? "did not start" : "crashed"}: ${reason}; ${then}`
    const cause = life.ending?._tag === "Crash" ? life.ending.cause : null
    yield* cause !== null && Cause.hasDies(cause) ? Effect.logError(line, cause) : Effect.logWarning(line)
  }

  /** To be stopped, where it runs, and started again when the back-off is over. */
  #takeDown(slot: Slot<R>, crashed: boolean, delay: Duration.Duration): void {
    slot.toStop = slot.life !== null
    // One that has not had its turn yet still gets it.
    if (!crashed && slot.spec.kind === "temporary" && !slot.toStart) return
    slot.toStart = true
    const until = this.#now + Duration.toMillis(delay)
    if (slot.backoff !== null && slot.backoff.until > until) return
    this.#dropBackoff(slot)
    const backoff: Backoff = { until, timer: null }
    slot.backoff = backoff
    slot.node.nextStart = until
    backoff.timer = this.#after(delay, { _tag: "BackoffOver", slot, backoff })
    if (slot.life === null) slot.node.enter("backing-off", this.#now)
  }

  /** On request: of this child alone and without back-off, but counted. */
  *#restart(slot: Slot<R>, reason: string) {
    if (this.#closing) return
    slot.node.lastFailure = reason
    const exceeded = slot.history.record(this.#now)
    yield* Effect.logWarning(`${slot.node.path} is restarted: ${reason}${exceeded === null ? "" : `; ${this.#spec.name} gives up`}`)
    if (exceeded !== null) return this.#giveUp(slot, exceeded, reason)
    this.#dropBackoff(slot)
    slot.toStop = slot.life !== null
    slot.toStart = true
  }

  #giveUp(slot: Slot<R>, limit: RestartLimit, reason: string): void {
    slot.node.enter("failed", this.#now)
    this.#failure = new TreeFailed({ supervisor: this.#spec.name, child: slot.node.name, limit, reason })
    this.#closeDown()
  }

  #closeDown(): void {
    this.#closing = true
    this.#node.enter("stopping", this.#now)
    for (const slot of this.#slots) {
      this.#dropBackoff(slot)
      this.#begun(slot)
      slot.toStart = false
      slot.toStop = slot.life !== null
      if (slot.life === null && slot.node.state !== "failed") slot.node.enter("stopped", this.#now)
    }
  }

  /** Does what is due. */
  #reconcile(): void {
    const { strategy } = this.#spec
    for (const slot of dueToStop(this.#slots, this.#closing || strategy !== "one-for-one")) {
      if (slot.life !== null) this.#bringDown(slot, slot.life, { _tag: "Asked" })
    }
    if (this.#closing) {
      if (this.#slots.every(({ life }) => life === null)) this.#end()
    } else {
      for (const slot of dueToStart(this.#slots, strategy)) this.#begin(slot)
      if (allBegun(this.#slots, strategy) && Deferred.doneUnsafe(this.started, Exit.void)) this.#node.enter("running", this.#now)
    }
    this.#changed()
  }

  #end(): void {
    this.#isOver = true
    for (const { node } of this.#slots) node.restart = () => false
    const exit = this.#failure === null ? Exit.interrupt() : Exit.fail(this.#failure)
    this.#node.enter(this.#failure === null ? "stopped" : "failed", this.#now)
    this.#node.lastFailure = this.#failure?.message ?? this.#node.lastFailure
    this.#tellAll(exit)
  }

  #tellAll(exit: Exit.Exit<never, TreeFailed>): void {
    Deferred.doneUnsafe(this.started, exit)
    Deferred.doneUnsafe(this.ended, exit)
    Deferred.doneUnsafe(this.#over, Exit.void)
  }

  #begun(slot: Slot<R>): void {
    slot.begun = true
    this.#cancel(slot.patience)
    slot.patience = null
  }

  #dropBackoff(slot: Slot<R>): void {
    this.#cancel(slot.backoff?.timer ?? null)
    slot.backoff = null
    slot.node.nextStart = null
  }

  #cancel(timer: Fiber.Fiber<void> | null): void {
    timer?.interruptUnsafe()
  }
}

const endingOf = (exit: Exit.Exit<void, unknown>): Ending =>
  Exit.isSuccess(exit) ? { _tag: "Well" } : { _tag: "Crash", reason: reasonInWords(exit.cause), cause: exit.cause }
