import { type Context, Data, Deferred, Effect, Exit, Fiber, type Scope } from "effect"

/** The key is in the pool already, running or waiting for a slot: the second run of it did not begin. */
export class KeyTaken extends Data.TaggedError("KeyTaken")<{ readonly key: string }> {
  override get message(): string {
    return `${this.key} is in the pool already`
  }
}

/** The pool's scope was closed: nothing begins any more. */
export class PoolClosed extends Data.TaggedError("PoolClosed") {
  override get message(): string {
    return "the pool is closed"
  }
}

/** Fibers by key, at most as many as there are slots. What a fiber ends with is its own matter: look at it, or let the effect see to it. */
export interface FiberPool {
  /**
   * Waits for a slot, first come, first served, and runs the effect in a fiber of its own. Answers with the fiber as
   * soon as it runs. Interrupted while it waits, it leaves the line.
   */
  readonly run: <A, E, R>(key: string, effect: Effect.Effect<A, E, R>) => Effect.Effect<Fiber.Fiber<A, E>, KeyTaken | PoolClosed, R>
  /**
   * The fiber of this key goes on without its slot, which is the next one's: for what it waits for at its end. Those that
   * go on so are at most as many as there are slots; beyond that nobody is let in.
   */
  readonly leaveSlot: (key: string) => Effect.Effect<void>
  /** How many would be let in now. */
  readonly free: Effect.Effect<number>
  /** Resolves when a slot is free and nobody waits for it. Takes none: with several takers look again. */
  readonly awaitFree: Effect.Effect<void, PoolClosed>
  /** Resolves when nothing runs. */
  readonly awaitIdle: Effect.Effect<void>
  /** Interrupts the fiber and waits for its end; false when no fiber of this key runs. */
  readonly interrupt: (key: string) => Effect.Effect<boolean>
  /** Interrupts what runs now and waits for the end of it. Those that wait for a slot are let in. */
  readonly interruptAll: Effect.Effect<void>
  /** How many run in a slot. More than `capacity` for as long as it takes after it was lowered. */
  readonly size: Effect.Effect<number>
  /** Of all that run, in a slot or not. */
  readonly keys: Effect.Effect<ReadonlyArray<string>>
  readonly capacity: Effect.Effect<number>
  /** Growing lets those in that wait, at once; shrinking lets what runs finish. 0 lets nobody in. */
  readonly setCapacity: (slots: number) => Effect.Effect<void>
}

interface Starter {
  readonly begin: () => void
  readonly refuse: () => void
}

class Pool implements FiberPool {
  readonly #running = new Map<string, Fiber.Fiber<unknown, unknown> | null>()
  /** Those of them that have left their slot. */
  readonly #leaving = new Set<string>()
  /** In the order in which they came. */
  readonly #waiting = new Map<string, Starter>()
  #slots: number
  #isClosed = false
  #isAdmitting = false
  /** Made when somebody waits for it. */
  #free: Deferred.Deferred<void, PoolClosed> | null = null
  #idle: Deferred.Deferred<void> | null = null

  constructor(slots: number) {
    this.#slots = slots
  }

  readonly run = <A, E, R>(key: string, effect: Effect.Effect<A, E, R>) =>
    Effect.flatMap(Effect.context<R>(), (context) => this.#enter(key, effect, context))

  #enter<A, E, R>(key: string, effect: Effect.Effect<A, E, R>, context: Context.Context<R>): Effect.Effect<Fiber.Fiber<A, E>, KeyTaken | PoolClosed> {
    if (this.#isClosed) return Effect.fail(new PoolClosed())
    if (this.#running.has(key) || this.#waiting.has(key)) return Effect.fail(new KeyTaken({ key }))
    if (this.#hasRoom()) return Effect.succeed(this.#begin(key, effect, context))
    return Effect.callback<Fiber.Fiber<A, E>, PoolClosed>((resume) => {
      const starter: Starter = {
        begin: () => resume(Effect.succeed(this.#begin(key, effect, context))),
        refuse: () => resume(Effect.fail(new PoolClosed()))
      }
      this.#waiting.set(key, starter)
      return Effect.sync(() => {
        if (this.#waiting.get(key) !== starter) return
        this.#waiting.delete(key)
        this.#tell()
      })
    })
  }

  /** The newcomer does not pass those that wait. */
  #hasRoom(): boolean {
    return this.#freeSlots() > 0 && this.#waiting.size === 0
  }

  #freeSlots(): number {
    return Math.max(0, Math.min(this.#slots - this.#inSlots(), 2 * this.#slots - this.#running.size))
  }

  #inSlots(): number {
    return this.#running.size - this.#leaving.size
  }

  #begin<A, E, R>(key: string, effect: Effect.Effect<A, E, R>, context: Context.Context<R>): Fiber.Fiber<A, E> {
    // Taken before it begins: an effect that never suspends has ended when the fiber is here.
    this.#running.set(key, null)
    const fiber = Effect.runForkWith(context)(effect)
    if (fiber.pollUnsafe() === undefined) this.#running.set(key, fiber)
    fiber.addObserver(() => {
      this.#running.delete(key)
      this.#leaving.delete(key)
      this.#admit()
    })
    return fiber
  }

  /** Lets in whom there is room for. One at a time begins, however quickly it ends: the stack does not grow with the line. */
  #admit(): void {
    if (this.#isAdmitting) return
    this.#isAdmitting = true
    for (const [key, starter] of this.#waiting) {
      if (this.#freeSlots() === 0) break
      this.#waiting.delete(key)
      starter.begin()
    }
    this.#isAdmitting = false
    this.#tell()
  }

  #tell(): void {
    if (this.#free !== null && this.#hasRoom()) {
      Deferred.doneUnsafe(this.#free, Exit.void)
      this.#free = null
    }
    if (this.#idle !== null && this.#running.size === 0) {
      Deferred.doneUnsafe(this.#idle, Exit.void)
      this.#idle = null
    }
  }

  readonly leaveSlot = (key: string) =>
    Effect.sync(() => {
      if (!this.#running.has(key)) return
      this.#leaving.add(key)
      this.#admit()
    })

  readonly free = Effect.sync(() => this.#waiting.size > 0 ? 0 : this.#freeSlots())

  readonly awaitFree = Effect.suspend(() => {
    if (this.#isClosed) return Effect.fail(new PoolClosed())
    return this.#hasRoom() ? Effect.void : Deferred.await(this.#free ??= Deferred.makeUnsafe())
  })

  readonly awaitIdle = Effect.suspend(() => this.#running.size === 0 ? Effect.void : Deferred.await(this.#idle ??= Deferred.makeUnsafe()))

  readonly interrupt = (key: string) =>
    Effect.suspend(() => {
      const fiber = this.#running.get(key)
      return fiber === undefined || fiber === null ? Effect.succeed(false) : Effect.as(Fiber.interrupt(fiber), true)
    })

  readonly interruptAll = Effect.suspend(() => Fiber.interruptAll([...this.#running.values()].filter((fiber) => fiber !== null)))

  readonly size = Effect.sync(() => this.#inSlots())
  readonly keys = Effect.sync((): ReadonlyArray<string> => [...this.#running.keys()])
  readonly capacity = Effect.sync(() => this.#slots)

  readonly setCapacity = (slots: number) =>
    Effect.sync(() => {
      this.#slots = slots
      this.#admit()
    })

  readonly close = Effect.suspend(() => {
    this.#isClosed = true
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { refuse } of waiting) refuse()
    if (this.#free !== null) Deferred.doneUnsafe(this.#free, Exit.fail(new PoolClosed()))
    return this.interruptAll
  })
}

/** A pool of this many slots. Closing its scope interrupts what runs, and refuses those that wait. */
export const make = (slots: number): Effect.Effect<FiberPool, never, Scope.Scope> =>
  Effect.acquireRelease(Effect.sync(() => new Pool(slots)), (pool) => pool.close)
