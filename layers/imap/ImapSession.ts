import type { FetchMessageObject, FetchQueryObject, ImapFlow } from "imapflow"
import { DateTime, Duration, Effect, Option, Stream } from "effect"
import { mailLimits } from "../../src/mail/limits.ts"
import { judgedFields } from "../../src/mail/judgeMail.ts"
import { clientSpan } from "../../src/observability/clientSpan.ts"
import { awaitNews } from "./awaitNews.ts"
import { type ConnectStep, MailError, type MailOverview, MailReason, type MailSession, PartError, type SectionPlace } from "../../src/services/MailServers.ts"

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

  /** One window of a section, with the part's own header where that is wanted; null where the server has it not. */
  const fetchPart = Effect.fnUntraced(function*(uid: number, section: string, range: { readonly start: number; readonly maxLength: number }, withHeader: boolean) {
    const mime = withHeader && /^[\d.]+$/.test(section) ? [{ key: `${section}.MIME`, start: 0, maxLength: mailLimits.headerField }] : []
    const query: FetchQueryObject = section === "" ? { uid: true, source: range } : { uid: true, bodyParts: [{ key: section, ...range }, ...mime] }
    const mail = yield* ask(() => client.fetchOne(String(uid), query, { uid: true }))
    if (mail === false || mail.uid !== uid) return null
    const bytes = section === "" ? mail.source : mail.bodyParts?.get(section.toLowerCase())
    return bytes === undefined ? null : { bytes, header: mail.bodyParts?.get(`${section}.mime`) ?? new Uint8Array() }
  })

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

    start: Effect.fn("MailSession.start", toServer)(function*(uid: number, section: string, bytes: number) {
      const range = { start: 0, maxLength: bytes }
      const found = yield* fetchPart(uid, section, range, true).pipe(
        // The header is good to have; the part is what counts.
        Effect.catchIf(({ reason }) => reason._tag === "Refused", () => fetchPart(uid, section, range, false))
      )
      return found === null ? null : { bytes: found.bytes, header: found.header }
    }),

    rest: (uid, section, { from, maxBytes, size }) =>
      Stream.unfold<number | null, Uint8Array, MailError | PartError, never>(from, (at) =>
        at === null ? Effect.undefined : Effect.gen(function*() {
          const found = yield* fetchPart(uid, section, { start: at, maxLength: window }, false)
          // Beyond the end some servers answer NIL.
          if (found === null) return at === 0 ? yield* new PartError({ reason: "gone" }) : undefined
          const { bytes } = found
          if (bytes.length === 0) return undefined
          const next = at + bytes.length
          if (next > maxBytes) return yield* new PartError({ reason: "too-large" })
          // Servers that do not know partial answers send the whole part at once; others send less than was asked for.
          return [bytes, bytes.length > window || (bytes.length < window && next >= (size ?? 0)) ? null : next]
        })),

    reaching: Effect.fn("MailSession.reaching", toServer)(function*(uid: number, places: ReadonlyArray<SectionPlace>) {
      if (places.length === 0) return new Set<string>()
      const bodyParts = places.map(({ offset, section }) => ({ key: section, start: offset, maxLength: 1 }))
      const mail = yield* ask(() => client.fetchOne(String(uid), { uid: true, bodyParts }, { uid: true }))
      const found = mail === false || mail.uid !== uid ? undefined : mail.bodyParts
      return new Set(places.map(({ section }) => section).filter((section) => (found?.get(section.toLowerCase())?.length ?? 0) > 0))
    }),

    flag: Effect.fn("MailSession.flag", toServer)(function*(uid: number, flag: string) {
      const flagged = yield* ask(() => client.messageFlagsAdd(String(uid), [flag], { uid: true }))
      if (!flagged) return yield* refused("STORE")
    }),

    move: Effect.fn("MailSession.move", toServer)(function*(uid: number, folder: string) {
      const moved = yield* ask(() => client.messageMove(String(uid), folder, { uid: true }))
      if (moved === false) return yield* refused("MOVE")
    }),

    awaitMail: Effect.fn("MailSession.awaitMail", toServer)((atMost: Duration.Duration) =>
      awaitNews(client, fail("folder", answerLimit), refused("IDLE")).pipe(
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
