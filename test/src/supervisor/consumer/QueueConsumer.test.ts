import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Latch } from "effect"
import { Verdict } from "../../../../src/domain/Verdict.ts"
import { runAttempt } from "../../../../src/supervisor/attempt.ts"
import { noControls } from "../../../../src/services/QueueControls.ts"
import { everyCall } from "../../../support/memoryJobQueue.ts"
import { toyProgram } from "../toyProgram.ts"
import { pass } from "../treeWorkbench.ts"
import { queueName, startBench } from "./consumerBench.ts"

const done = Verdict.Complete({ summary: {} })

/** Jobs that go on until the test lets them end; what began and what was interrupted, and when. */
const gated = () => {
  const begun: Array<string> = []
  const interrupted: Array<string> = []
  const gates = new Map<string, Deferred.Deferred<void>>()
  const gateOf = (jobId: string) => {
    const gate = gates.get(jobId) ?? Deferred.makeUnsafe<void>()
    gates.set(jobId, gate)
    return gate
  }
  return {
    begun,
    interrupted,
    finish: (jobId: string) => Deferred.succeed(gateOf(jobId), undefined).pipe(Effect.andThen(pass("0 millis"))),
    handle: ({ jobId }: { readonly jobId: string }) =>
      Effect.suspend(() => {
        begun.push(jobId)
        return Deferred.await(gateOf(jobId)).pipe(Effect.as<Verdict>(done), Effect.onInterrupt(() => Effect.sync(() => void interrupted.push(jobId))))
      })
  }
}

const tagsOf = (told: ReadonlyArray<{ readonly jobId: string; readonly verdict: Verdict }>) => told.map(({ jobId, verdict }) => `${jobId} ${verdict._tag}`)

describe("the consumer of a queue", () => {
  it.effect("runs what waits and what comes later, as many at once as it was told, and tells each outcome once", () =>
    Effect.gen(function*() {
      const { begun, finish, handle } = gated()
      const { claims, consumer, memory } = yield* startBench(handle)
      yield* memory.add("a", "b", "c")
      yield* pass("0 millis")
      assert.deepStrictEqual(begun, ["a", "b"])
      yield* finish("a")
      assert.deepStrictEqual(begun, ["a", "b", "c"])
      yield* finish("b")
      yield* finish("c")
      yield* memory.add("d")
      yield* finish("d")
      assert.deepStrictEqual(tagsOf(memory.told), ["a Complete", "b Complete", "c Complete", "d Complete"])
      assert.strictEqual(yield* consumer.finished, 4)
      assert.isEmpty(claims.notes)
    }))

  it.effect("keeps the locks of jobs that run for longer than a lock lasts", () =>
    Effect.gen(function*() {
      const { begun, finish, handle } = gated()
      const { memory } = yield* startBench(handle)
      yield* memory.add("a")
      yield* pass("5 minutes")
      yield* finish("a")
      assert.deepStrictEqual([begun, tagsOf(memory.told)], [["a"], ["a Complete"]])
    }))

  it.effect("interrupts a job that another worker has by now, and tells nothing of it", () =>
    Effect.gen(function*() {
      const { finish, handle, interrupted } = gated()
      const { claims, consumer, memory } = yield* startBench(handle)
      yield* memory.add("b")
      yield* memory.addLost("another", "a")
      yield* pass("0 millis")
      assert.deepStrictEqual(claims.notes, ["begin after another a"])
      yield* memory.stealLock("a")
      yield* pass("2500 millis")
      assert.deepStrictEqual(interrupted, ["a"])
      yield* finish("b")
      assert.deepStrictEqual(tagsOf(memory.told), ["b Complete"])
      assert.strictEqual(memory.stateOf("a"), "active")
      assert.strictEqual(yield* consumer.finished, 1)
      assert.include(claims.notes, "putBack a")
      assert.notInclude(claims.notes, "end a")
    }))

  it.effect("interrupts a job before its lock can run out when the lock cannot be renewed, and not much sooner", () =>
    Effect.gen(function*() {
      const { handle, interrupted } = gated()
      const { memory } = yield* startBench(handle)
      yield* memory.add("a")
      yield* pass("10 seconds")
      // Renewed at 10 s for the last time: it can run out at 18 s.
      yield* memory.break("renew", "acknowledge")
      yield* pass("6 seconds")
      assert.deepStrictEqual(interrupted, [])
      yield* pass("1500 millis")
      assert.deepStrictEqual(interrupted, ["a"])
      yield* memory.mend
      yield* pass("1 second")
      assert.deepStrictEqual(memory.told, [])
    }))

  it.effect("tells an outcome again until it is heard", () =>
    Effect.gen(function*() {
      const { begun, finish, handle } = gated()
      const { consumer, memory } = yield* startBench(handle)
      yield* memory.add("a")
      yield* pass("0 millis")
      yield* memory.break("acknowledge")
      yield* finish("a")
      yield* pass("5 seconds")
      assert.isAtLeast(memory.calls("acknowledge"), 10)
      assert.strictEqual(yield* consumer.finished, 0)
      yield* memory.mend
      yield* pass("500 millis")
      assert.deepStrictEqual([begun, tagsOf(memory.told)], [["a"], ["a Complete"]])
      assert.strictEqual(yield* consumer.finished, 1)
    }))

  it.effect("begins the next job while the last one's outcome is told, but not ever more of them", () =>
    Effect.gen(function*() {
      const { begun, finish, handle } = gated()
      const { consumer, memory } = yield* startBench(handle, { concurrency: 1 })
      yield* memory.add("a", "b", "c")
      yield* pass("0 millis")
      yield* memory.break("acknowledge")
      yield* finish("a")
      yield* pass("2 seconds")
      assert.deepStrictEqual([begun, (yield* consumer.status).running], [["a", "b"], 1])
      yield* finish("b")
      yield* pass("2 seconds")
      assert.deepStrictEqual(begun, ["a", "b"])
      yield* memory.mend
      yield* pass("500 millis")
      assert.deepStrictEqual([begun, tagsOf(memory.told)], [["a", "b", "c"], ["a Complete", "b Complete"]])
    }))

  it.effect("stops telling an outcome when the lock is lost: the job comes again", () =>
    Effect.gen(function*() {
      const { begun, finish, handle } = gated()
      const { consumer, memory } = yield* startBench(handle)
      yield* memory.add("a")
      yield* pass("0 millis")
      yield* memory.break("acknowledge", "renew", "recoverStalled")
      yield* finish("a")
      yield* pass("9 seconds")
      const told = memory.calls("acknowledge")
      yield* pass("2 seconds")
      assert.strictEqual(memory.calls("acknowledge"), told)
      assert.strictEqual(yield* consumer.finished, 0)
      yield* memory.mend
      yield* pass("4 seconds")
      assert.deepStrictEqual([begun, tagsOf(memory.told)], [["a", "a"], ["a Complete"]])
      assert.strictEqual(memory.attemptsOf("a"), 1)
    }))

  it.effect("does not take a job round and round whose former run here has not ended yet", () =>
    Effect.gen(function*() {
      let runs = 0
      const ending = yield* Latch.make(false)
      const { memory } = yield* startBench(() => Effect.suspend(() => ++runs === 1 ? Effect.as(Effect.uninterruptible(ending.await), done) : Effect.succeed(done)))
      yield* memory.add("a")
      yield* pass("0 millis")
      yield* memory.break("renew")
      yield* pass("8 seconds")
      yield* memory.mend
      const taken = memory.calls("take")
      yield* pass("10 seconds")
      assert.isBelow(memory.calls("take") - taken, 60)
      assert.isBelow(memory.told.length, 12)
      assert.strictEqual(runs, 1)
      yield* memory.add("b")
      yield* pass("1 second")
      assert.strictEqual(memory.stateOf("b"), "completed")
      yield* ending.open
      yield* pass("3 seconds")
      assert.strictEqual(memory.stateOf("a"), "completed")
      assert.deepStrictEqual([runs, memory.attemptsOf("a")], [3, 1])
    }))

  it.effect("treats a job whose handler breaks like any that failed", () =>
    Effect.gen(function*() {
      const { memory } = yield* startBench((): Effect.Effect<Verdict> => {
        throw new Error("a fault before the effect")
      })
      yield* memory.add("a")
      yield* pass("1 minute")
      assert.deepStrictEqual(memory.verdictsOf("a"), ["Retry", "Retry", "Fail"])
    }))
})

describe("a job that may have killed its process", () => {
  it.effect("runs alone: it waits for the others to end, and nothing else begins meanwhile", () =>
    Effect.gen(function*() {
      const { begun, finish, handle } = gated()
      const { claims, memory } = yield* startBench(handle, { concurrency: 3 })
      claims.histories.set("suspect", { deaths: 1, deathsAlone: 0 })
      yield* memory.add("a")
      yield* pass("0 millis")
      yield* memory.addLost("another", "suspect")
      yield* pass("0 millis")
      yield* memory.add("c", "d")
      yield* pass("5 seconds")
      assert.deepStrictEqual(begun, ["a"])
      assert.notInclude(claims.notes, "runsAlone suspect")
      yield* finish("a")
      assert.deepStrictEqual(begun, ["a", "suspect"])
      assert.deepStrictEqual(claims.notes, ["begin after another suspect", "runsAlone suspect"])
      yield* pass("1 minute")
      assert.deepStrictEqual(begun, ["a", "suspect"])
      yield* finish("suspect")
      yield* pass("3 seconds")
      assert.sameMembers(begun, ["a", "suspect", "c", "d"])
      assert.include(claims.notes, "end suspect")
      assert.strictEqual(memory.attemptsOf("suspect"), 1)
    }))

  it.effect("is put off, no attempt used, when the others do not end for twenty seconds", () =>
    Effect.gen(function*() {
      const { begun, handle } = gated()
      const { claims, memory } = yield* startBench(handle)
      claims.histories.set("suspect", { deaths: 1, deathsAlone: 1 })
      yield* memory.add("long")
      yield* pass("0 millis")
      yield* memory.addLost("another", "suspect")
      yield* pass("0 millis")
      yield* memory.add("other")
      yield* pass("19 seconds")
      assert.deepStrictEqual(begun, ["long"])
      yield* pass("2 seconds")
      assert.deepStrictEqual(memory.verdictsOf("suspect"), ["Postpone"])
      assert.strictEqual(memory.attemptsOf("suspect"), 0)
      assert.deepStrictEqual(begun, ["long", "other"])
      assert.include(claims.notes, "putBack suspect")
      assert.notInclude(claims.notes, "runsAlone suspect")
    }))

  it.effect("is not run any more after two deaths alone: its program refuses it and it fails", () =>
    Effect.gen(function*() {
      const refusals: Array<string> = []
      const { program, steps } = toyProgram({
        refuse: ({ tenantId }, { jobId }, { code, plainWords }) => Effect.sync(() => void refusals.push(`${tenantId} ${jobId} ${code} ${plainWords.length > 0}`))
      })
      const { claims, memory } = yield* startBench(runAttempt(program))
      claims.histories.set("killer", { deaths: 3, deathsAlone: 2 })
      yield* memory.addLost("another", "killer")
      yield* pass("0 millis")
      assert.deepStrictEqual(steps, ["refuse"])
      assert.match(refusals.join(), /^t killer [a-z-]+ true$/)
      const [verdict] = memory.told.map(({ verdict }) => verdict)
      assert.match(verdict?._tag === "Fail" ? verdict.reason : "", /the job has ended its process 2 times/)
      assert.strictEqual(memory.stateOf("killer"), "failed")
      assert.include(claims.notes, "end killer")
    }))

  it.effect("runs among others where its holder did not die, and its record goes with it", () =>
    Effect.gen(function*() {
      const { begun, finish, handle } = gated()
      const { claims, memory } = yield* startBench(handle, { concurrency: 3 })
      yield* memory.add("a")
      yield* memory.addLost("another", "lost")
      yield* pass("0 millis")
      assert.sameMembers(begun, ["a", "lost"])
      for (const jobId of ["a", "lost"]) yield* finish(jobId)
      assert.deepStrictEqual(claims.notes, ["begin after another lost", "end lost"])
    }))

  it.effect("is still known when its queue has forgotten that it was lost", () =>
    Effect.gen(function*() {
      const { begun, finish, handle } = gated()
      const { claims, memory } = yield* startBench(handle, { concurrency: 3 })
      claims.histories.set("suspect", { deaths: 1, deathsAlone: 1 })
      claims.recorded.add("suspect")
      yield* pass("3 seconds")
      yield* memory.add("a", "suspect")
      yield* pass("1 second")
      assert.deepStrictEqual(begun, ["a"])
      yield* finish("a")
      assert.deepStrictEqual([begun, claims.notes], [["a", "suspect"], ["begin suspect", "runsAlone suspect"]])
      yield* finish("suspect")
      assert.include(claims.notes, "end suspect")
    }))

  it.effect("does not make consumers of other queues, which wait for it, count as stuck", () =>
    Effect.gen(function*() {
      const { begun, handle } = gated()
      const { consumer, fiber, memory, solitude } = yield* startBench(handle)
      const elsewhere = yield* Effect.forkChild(solitude.alone(Duration.seconds(1), Effect.sleep("2 minutes")))
      yield* pass("1 second")
      yield* memory.add("a")
      yield* pass("90 seconds")
      assert.deepStrictEqual([begun, fiber.pollUnsafe() === undefined], [[], true])
      assert.strictEqual((yield* consumer.status).state, "taking")
      yield* pass("40 seconds")
      assert.deepStrictEqual([begun, elsewhere.pollUnsafe() === undefined], [["a"], false])
    }))
})

describe("a consumer whose servers are away", () => {
  it.effect("puts a job that was lost off, no attempt used, while the record of such jobs cannot be written", () =>
    Effect.gen(function*() {
      const { begun, finish, handle } = gated()
      const { claims, memory } = yield* startBench(handle)
      claims.state.away = true
      yield* memory.addLost("another", "a")
      yield* pass("30 seconds")
      assert.deepStrictEqual(begun, [])
      assert.deepStrictEqual(new Set(memory.verdictsOf("a")), new Set(["Postpone"]))
      claims.state.away = false
      yield* pass("30 seconds")
      yield* finish("a")
      assert.deepStrictEqual([begun, memory.attemptsOf("a")], [["a"], 1])
    }))

  it.effect("waits for the queue's server, and says so", () =>
    Effect.gen(function*() {
      const { begun, handle } = gated()
      const { consumer, fiber, memory } = yield* startBench(handle)
      yield* memory.break(...everyCall)
      yield* memory.add("a")
      yield* pass("5 seconds")
      assert.strictEqual((yield* consumer.status).state, "taking")
      yield* pass("10 seconds")
      assert.strictEqual((yield* consumer.status).state, "waiting-for-server")
      assert.isUndefined(fiber.pollUnsafe())
      yield* memory.mend
      yield* pass("1 second")
      assert.deepStrictEqual([begun, (yield* consumer.status).state], [["a"], "taking"])
    }))

  it.effect("says that its server is full, and is not replaced for it: no other connection would be handed a job", () =>
    Effect.gen(function*() {
      const { begun, handle } = gated()
      const { consumer, fiber, memory } = yield* startBench(handle)
      yield* pass("1 second")
      yield* memory.fill
      yield* memory.add("a")
      yield* pass("9 seconds")
      assert.deepInclude(yield* consumer.status, { state: "taking", trouble: null })
      yield* pass("5 minutes")
      assert.deepInclude(yield* consumer.status, { state: "refused", trouble: { kind: "full", detail: "take is broken" } })
      assert.isUndefined(fiber.pollUnsafe())
      yield* memory.mend
      yield* pass("1 second")
      assert.deepStrictEqual([begun, (yield* consumer.status).state], [["a"], "taking"])
    }))

  it.effect("is not taking before it has been handed something, or told that nothing waits", () =>
    Effect.gen(function*() {
      const { consumer, memory } = yield* startBench(gated().handle, { broken: ["take"] })
      yield* pass("1 second")
      assert.strictEqual((yield* consumer.status).state, "waiting-for-server")
      yield* memory.mend
      yield* pass("1 second")
      assert.strictEqual((yield* consumer.status).state, "taking")
    }))

  it.effect("is replaced after half a minute: new connections are worth a try", () =>
    Effect.gen(function*() {
      const { fiber, memory } = yield* startBench(gated().handle)
      yield* memory.break(...everyCall)
      yield* pass("28 seconds")
      assert.isUndefined(fiber.pollUnsafe())
      yield* pass("6 seconds")
      assert.include(String(fiber.pollUnsafe()), "half a minute")
    }))
})

describe("a consumer that does not get on", () => {
  it.effect("is replaced when jobs wait, places are free, nothing is at work and none is taken", () =>
    Effect.gen(function*() {
      const { consumer, fiber, memory } = yield* startBench(gated().handle)
      yield* memory.blind(true)
      yield* pass("1 minute")
      assert.isUndefined(fiber.pollUnsafe(), "nothing waits")
      yield* memory.add("a")
      yield* consumer.pause
      yield* pass("1 minute")
      assert.isUndefined(fiber.pollUnsafe(), "it is paused")
      yield* consumer.resume
      yield* pass("5 seconds")
      assert.isUndefined(fiber.pollUnsafe(), "it has had no time yet")
      yield* pass("6 seconds")
      assert.include(String(fiber.pollUnsafe()), "1 jobs wait, none is at work, and none is taken")
    }))

  it.effect("is replaced when its server answers, but not on the connection that takes", () =>
    Effect.gen(function*() {
      const { fiber, memory } = yield* startBench(gated().handle)
      yield* memory.break("take", "awaitWork")
      yield* pass("7 seconds")
      assert.isUndefined(fiber.pollUnsafe())
      yield* pass("5 seconds")
      assert.include(String(fiber.pollUnsafe()), "not on the connection that takes jobs")
    }))

  it.effect("is left alone while all its places are busy, however long", () =>
    Effect.gen(function*() {
      const { finish, handle } = gated()
      const { fiber, memory } = yield* startBench(handle, { concurrency: 1 })
      yield* memory.add("a", "b")
      yield* pass("10 minutes")
      yield* finish("a")
      yield* pass("10 minutes")
      assert.isUndefined(fiber.pollUnsafe())
    }))
})

describe("operators", () => {
  it.effect("pause and resume a queue by a row or by a message; what runs goes on", () =>
    Effect.gen(function*() {
      const { begun, finish, handle } = gated()
      const { consumer, memory, setControls } = yield* startBench(handle)
      const state = Effect.map(consumer.status, ({ state }) => state)
      yield* memory.add("a")
      yield* pass("0 millis")
      yield* setControls({ ...noControls, pausedQueues: new Set([queueName]) })
      yield* memory.add("b")
      yield* pass("10 seconds")
      assert.deepStrictEqual([begun, yield* state], [["a"], "paused"])
      yield* finish("a")
      assert.strictEqual(memory.stateOf("a"), "completed")
      yield* consumer.pause
      yield* setControls(noControls)
      yield* pass("10 seconds")
      assert.deepStrictEqual([begun, yield* state], [["a"], "paused"])
      yield* consumer.resume
      yield* pass("0 millis")
      assert.deepStrictEqual([begun, yield* state], [["a", "b"], "taking"])
    }))

  it.effect("find what they paused before it began paused", () =>
    Effect.gen(function*() {
      const { begun, handle } = gated()
      const { consumer, memory } = yield* startBench(handle, { controls: { ...noControls, pausedQueues: new Set([queueName]), concurrency: new Map([[queueName, 7]]) } })
      yield* memory.add("a")
      yield* pass("10 seconds")
      assert.deepStrictEqual(begun, [])
      assert.deepInclude(yield* consumer.status, { state: "paused", concurrency: 7, running: 0 })
    }))

  it.effect("drain a queue by a row: what runs ends, nothing new begins, until they resume it", () =>
    Effect.gen(function*() {
      const { begun, finish, handle } = gated()
      const { consumer, fiber, memory, setControls } = yield* startBench(handle)
      const state = Effect.map(consumer.status, ({ state }) => state)
      yield* memory.add("a")
      yield* pass("0 millis")
      yield* setControls({ ...noControls, drainingQueues: new Set([queueName]) })
      yield* memory.add("b")
      yield* pass("10 seconds")
      assert.deepStrictEqual([begun, yield* state], [["a"], "draining"])
      yield* finish("a")
      assert.deepStrictEqual([memory.stateOf("a"), yield* state], ["completed", "drained"])
      // A message does not undo what the rows say.
      yield* consumer.resume
      yield* pass("1 minute")
      assert.deepStrictEqual([begun, yield* state, fiber.pollUnsafe()], [["a"], "drained", undefined])
      yield* setControls(noControls)
      assert.deepStrictEqual([begun, yield* state], [["a", "b"], "taking"])
    }))

  it.effect("are asked first: nothing is taken before their rows were read", () =>
    Effect.gen(function*() {
      const { begun, handle } = gated()
      const { consumer, memory, setControls } = yield* startBench(handle, { controls: null })
      yield* memory.add("a")
      yield* pass("1 minute")
      assert.deepStrictEqual([begun, (yield* consumer.status).state], [[], "paused"])
      yield* setControls(noControls)
      assert.deepStrictEqual(begun, ["a"])
    }))

  it.effect("change how many run at once, up and down and to none, by a row or by a message; the latest word counts", () =>
    Effect.gen(function*() {
      const { begun, finish, handle } = gated()
      const { consumer, memory, setControls } = yield* startBench(handle)
      const rows = (concurrency: number) => ({ ...noControls, concurrency: new Map([[queueName, concurrency] as const]) })
      yield* memory.add("a", "b", "c", "d", "e", "f")
      yield* pass("0 millis")
      yield* setControls(rows(3))
      assert.deepStrictEqual(begun, ["a", "b", "c"])
      yield* consumer.setConcurrency(4)
      yield* pass("0 millis")
      assert.strictEqual(begun.length, 4)
      // Rows are read again every second: the same ones say nothing new.
      yield* setControls(rows(3))
      assert.strictEqual((yield* consumer.status).concurrency, 4)
      yield* setControls(rows(0))
      yield* finish("a")
      yield* pass("30 seconds")
      assert.strictEqual(begun.length, 4)
      yield* setControls(noControls)
      assert.deepInclude(yield* consumer.status, { concurrency: 2, running: 3 })
      yield* finish("b")
      assert.strictEqual(begun.length, 4)
      yield* finish("c")
      assert.strictEqual(begun.length, 5)
    }))

  it.effect("pause a tenant: its jobs wait, and the queue is asked again soon", () =>
    Effect.gen(function*() {
      const { begun, handle } = gated()
      const { fiber, memory, setControls } = yield* startBench(handle, { controls: { ...noControls, pausedTenants: new Map([[null, new Set(["t"])]]) } })
      yield* memory.add("a")
      yield* pass("1 minute")
      assert.deepStrictEqual([begun, fiber.pollUnsafe()], [[], undefined])
      yield* setControls(noControls)
      yield* pass("250 millis")
      assert.deepStrictEqual(begun, ["a"])
    }))
})

describe("a consumer that ends", () => {
  it.effect("takes nothing after it was told to stop, lets running jobs end, and is idle then", () =>
    Effect.gen(function*() {
      const { begun, finish, handle } = gated()
      const { consumer, memory } = yield* startBench(handle)
      yield* memory.add("a")
      yield* pass("0 millis")
      yield* consumer.stopTaking
      yield* memory.add("b")
      const idle = yield* Effect.forkChild(consumer.drained)
      yield* pass("30 seconds")
      assert.deepStrictEqual([begun, idle.pollUnsafe(), (yield* consumer.status).state], [["a"], undefined, "draining"])
      yield* finish("a")
      assert.isDefined(idle.pollUnsafe())
      assert.deepStrictEqual([memory.stateOf("a"), memory.stateOf("b"), yield* consumer.finished], ["completed", "waiting", 1])
    }))

  it.effect("hands back what still runs when it is closed, no attempt used, and is off the board", () =>
    Effect.gen(function*() {
      const { handle, interrupted } = gated()
      const { board, close, memory } = yield* startBench(handle)
      yield* memory.add("a", "b")
      yield* pass("0 millis")
      yield* close
      assert.sameMembers(interrupted, ["a", "b"])
      assert.deepStrictEqual(tagsOf(memory.told).sort(), ["a GiveBack", "b GiveBack"])
      assert.deepStrictEqual([memory.stateOf("a"), memory.attemptsOf("a")], ["waiting", 0])
      assert.deepStrictEqual(yield* board.all, [])
    }))

  it.effect("does not wait for ever for a server that does not hear what is handed back", () =>
    Effect.gen(function*() {
      const { consumer, memory } = yield* startBench(gated().handle)
      yield* memory.add("a")
      yield* pass("0 millis")
      yield* memory.break(...everyCall)
      const handedBack = yield* Effect.forkChild(consumer.handBack)
      yield* pass("4 seconds")
      assert.isDefined(handedBack.pollUnsafe())
    }))
})
