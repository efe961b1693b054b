import { Duration } from "effect"

/**
 * Calls of one moment become one call: while one is under way, the next ones gather. The answers come in the order of the
 * items. A call that takes longer than `patience` holds up the others no longer; its own still get its answer.
 */
export const gathered = <Item, Answer>(options: {
  /** As many at once. */
  readonly most: number
  readonly patience: Duration.Duration
  readonly run: (items: ReadonlyArray<Item>) => Promise<ReadonlyArray<Answer>>
}): (item: Item) => Promise<Answer> => {
  const { most, patience, run } = options
  interface Call {
    readonly item: Item
    readonly resolve: (answer: Answer) => void
    readonly reject: (cause: unknown) => void
  }
  const waiting: Array<Call> = []
  let busy = false

  const answerAll = async (calls: ReadonlyArray<Call>): Promise<void> => {
    try {
      const answers = await run(calls.map(({ item }) => item))
      for (const [index, { reject, resolve }] of calls.entries()) {
        const answer = answers[index]
        if (answer === undefined) reject(new Error("a call gave fewer answers than it was asked for"))
        else resolve(answer)
      }
    } catch (cause) {
      for (const { reject } of calls) reject(cause)
    }
  }

  const begin = (): void => {
    if (waiting.length === 0) {
      busy = false
      return
    }
    const batch = waiting.splice(0, most)
    let waitedFor = true
    const next = (): void => {
      if (!waitedFor) return
      waitedFor = false
      clearTimeout(timer)
      begin()
    }
    const timer = setTimeout(next, Duration.toMillis(patience))
    void answerAll(batch).finally(next)
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (busy) return
      busy = true
      // What comes in the same turn of the event loop goes along.
      setImmediate(begin)
    })
}
