import type { FetchMessageObject, FetchQueryObject, ImapFlow } from "imapflow"
import { DateTime, Duration, Effect, Option } from "effect"
import { judgedFields } from "../../src/mail/judgeMail.ts"
import { clientSpan } from "../../src/observability/clientSpan.ts"
import { type ConnectStep, MailError, type MailOverview, MailReason, type MailSession, PartBytes } from "../../src/services/MailServers.ts"

/** One command's answer, or one window of a part. Longer than any healthy server takes. */
export const answerLimit = Duration.seconds(60)
/** One window of a part: what a slow line brings well within the limit. */
const window = 512 * 1024
/** For saying goodbye. */
const logoutLimit = Duration.seconds(2)

export interface SessionOptions {
  readonly client: ImapFlow
  readonly host: string
  readonly fail: (step: ConnectStep, patience: Duration.Duration) => (cause: unknown) => MailError
  readonly answerLimit: Duration.Duration
}

/**
 * One command at a time, with a limit. Interrupted or out of time, the connection is closed: an answer that comes late
 * has nobody to go to, and a server that hangs holds up nobody else.
 */
export const makeSession = ({ answerLimit, client, fail, host }: SessionOptions): MailSession => {
  const close = Effect.sync(() => client.close())
  const toServer = clientSpan(host)
  const ask = <A>(run: () => Promise<A>, step: ConnectStep = "folder", limit = answerLimit): Effect.Effect<A, MailError> =>
    Effect.tryPromise({ try: run, catch: fail(step, limit) }).pipe(
      Effect.onInterrupt(() => close),
      Effect.timeoutOrElse({
        duration: limit,
        orElse: () => Effect.andThen(close, Effect.fail(new MailError({ host, step, reason: MailReason.Silent({ after: limit }) })))
      })
    )
  const refused = (command: string) => new MailError({ host, step: "folder", reason: MailReason.Refused({ command, code: null }) })

  const search = Effect.fnUntraced(function*(query: { readonly uid: string; readonly since?: Date }) {
    const found = yield* ask(() => client.search(query, { uid: true }))
    return Array.isArray(found) ? found : yield* refused("SEARCH")
  })

  const fetchAll = (uids: ReadonlyArray<number>, query: FetchQueryObject) => ask(() => client.fetchAll(uids.join(","), query, { uid: true }))

  const overviewOf = (mail: FetchMessageObject): MailOverview => ({
    uid: mail.uid,
    size: mail.size ?? 0,
    receivedAt: mail.internalDate instanceof Date && !Number.isNaN(mail.internalDate.getTime()) ? DateTime.fromDateUnsafe(mail.internalDate) : null,
    headers: mail.headers ?? new Uint8Array(),
    structure: mail.bodyStructure ?? null
  })

  const basics: FetchQueryObject = { uid: true, size: true, internalDate: true, headers: [...judgedFields] }

  return {
    open: Effect.fn("MailSession.open", toServer)(function*(folder: string, { writable }: { readonly writable: boolean }) {
      const opened = yield* ask(() => client.mailboxOpen(folder, { readOnly: !writable })).pipe(
        Effect.mapError((error) => error.reason._tag === "FolderMissing" ? new MailError({ host, step: "folder", reason: MailReason.FolderMissing({ folder }) }) : error)
      )
      return { uidValidity: opened.uidValidity ?? 0n, uidNext: opened.uidNext ?? 0, exists: opened.exists ?? 0 }
    }),

    list: Effect.fn("MailSession.list", toServer)(function*({ from, since, to }) {
      const found = yield* search({ uid: `${from}:${to ?? "*"}`, ...(since === null ? {} : { since: DateTime.toDateUtc(DateTime.subtract(since, { days: 1 })) }) })
      // "n:*" names the last mail even where its UID is below n.
      return [...new Set(found.filter((uid) => uid >= from && (to === null || uid <= to)))].sort((a, b) => a - b)
    }),

    look: Effect.fn("MailSession.look", toServer)(function*(uids: ReadonlyArray<number>) {
      if (uids.length === 0) return []
      const wanted = new Set(uids)
      const seen = new Map((yield* fetchAll(uids, { ...basics, bodyStructure: true })).filter(({ uid }) => wanted.has(uid)).map((mail) => [mail.uid, overviewOf(mail)]))
      // An answer that cannot be read is left out without a word: not the same as a mail that is gone.
      const missing = uids.filter((uid) => !seen.has(uid))
      const there = missing.length === 0 ? [] : (yield* search({ uid: missing.join(",") })).filter((uid) => wanted.has(uid))
      for (const uid of there) {
        for (const mail of yield* fetchAll([uid], basics)) if (mail.uid === uid) seen.set(uid, overviewOf(mail))
        if (!seen.has(uid)) seen.set(uid, { uid, size: 0, receivedAt: null, headers: new Uint8Array(), structure: null })
      }
      return [...seen.values()].sort((a, b) => a.uid - b.uid)
    }),

    part: Effect.fn("MailSession.part", toServer)(function*(uid: number, section: string, { maxBytes }: { readonly maxBytes: number }) {
      const chunks: Array<Uint8Array> = []
      let total = 0
      for (;;) {
        const range = { start: total, maxLength: window }
        const query: FetchQueryObject = section === "" ? { uid: true, source: range } : { uid: true, bodyParts: [{ key: section, ...range }] }
        const mail = yield* ask(() => client.fetchOne(String(uid), query, { uid: true }))
        if (mail === false || mail.uid !== uid) return PartBytes.Gone()
        const chunk = section === "" ? mail.source : mail.bodyParts?.get(section.toLowerCase())
        // Beyond the end some servers answer NIL: that is the end, unless nothing has come at all.
        if (chunk === undefined && total === 0) return PartBytes.Gone()
        total += chunk?.length ?? 0
        if (total > maxBytes) return PartBytes.TooLarge()
        if (chunk !== undefined) chunks.push(chunk)
        // Servers that do not know partial answers send the whole part at once.
        if (chunk === undefined || chunk.length !== window) return PartBytes.Bytes({ bytes: chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks) })
      }
    }),

    start: Effect.fn("MailSession.start", toServer)(function*(uid: number, section: string, bytes: number) {
      const mail = yield* ask(() => client.fetchOne(String(uid), { uid: true, bodyParts: [{ key: section, start: 0, maxLength: bytes }] }, { uid: true }))
      const found = mail === false || mail.uid !== uid ? undefined : mail.bodyParts?.get(section.toLowerCase())
      return found === undefined ? PartBytes.Gone() : PartBytes.Bytes({ bytes: found.subarray(0, bytes) })
    }),

    flag: Effect.fn("MailSession.flag", toServer)((uid: number, flag: string) => Effect.asVoid(ask(() => client.messageFlagsAdd(String(uid), [flag], { uid: true })))),

    move: Effect.fn("MailSession.move", toServer)(function*(uid: number, folder: string) {
      const moved = yield* ask(() => client.messageMove(String(uid), folder, { uid: true }))
      if (moved === false) return yield* refused("MOVE")
    }),

    awaitMail: Effect.fn("MailSession.awaitMail", toServer)((atMost: Duration.Duration) =>
      Effect.callback<void, MailError>((resume) => {
        const came = () => resume(Effect.void)
        client.once("exists", came)
        client.once("close", came)
        client.idle().catch((cause: unknown) => resume(Effect.fail(fail("folder", answerLimit)(cause))))
        return Effect.sync(() => {
          client.off("exists", came)
          client.off("close", came)
        })
      }).pipe(
        Effect.timeoutOption(atMost),
        // Ends the IDLE; a connection that has gone in the meantime says so here.
        Effect.tap(() => ask(() => client.noop())),
        Effect.map(Option.isSome)
      )
    ),

    received: Effect.sync(() => client.stats().received)
  }
}

/** Says goodbye where there is somebody to say it to; the socket is closed in any case. */
export const leave = (client: ImapFlow): Effect.Effect<void> =>
  Effect.promise(() => client.usable ? client.logout().catch(() => undefined) : Promise.resolve()).pipe(
    Effect.timeoutOption(logoutLimit),
    Effect.andThen(Effect.sync(() => client.close()))
  )
