import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Duration, Effect, Layer, Logger, Ref } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import { EmailSyncSettings } from "../programs/email-sync/syncMailbox.ts"
import { MailServers } from "../src/services/MailServers.ts"
import { imapServersAt } from "../test/support/imapServers.ts"
import { mailWith, somePdf } from "../test/support/mails.ts"
import { mailServices, runEmailSync } from "../test/support/mailServices.ts"
import { mailedInvoices, newMailTenant, ownMailTables } from "../test/support/mailTables.ts"
import { type MailAccount, OwnDovecot } from "../test/support/ownDovecot.ts"

/**
 * What email sync costs against a real Dovecot on this machine: `npm run bench:mail`. A mailbox of 10,000 mails with 200
 * invoices of 100 KB, first and without a change; then 1,000 tenants without a change, 20 at a time as in one worker; then
 * one file of 20 MB, and 40 tenants with one each.
 */
const mails = Number(process.argv[2] ?? 10_000)
const invoiceEvery = 50
const tenants = Number(process.argv[3] ?? 1_000)
const largeFiles = Number(process.argv[4] ?? 40)
const largeFile = 20_000_000
const atOnce = 20

const mebibytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`

const seconds = ({ system, user }: NodeJS.CpuUsage): string => ((system + user) / 1e6).toFixed(2)

/** Runs it, with the seconds, the bytes that came from the server and the most memory that was held above the beginning's. */
const measured = Effect.fnUntraced(function*<A, E, R>(received: Ref.Ref<number>, effect: Effect.Effect<A, E, R>) {
  globalThis.gc?.()
  const before = process.memoryUsage.rss()
  const bytes = yield* Ref.get(received)
  let peak = before
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 50)
  const began = performance.now()
  const cpu = process.cpuUsage()
  const value = yield* Effect.ensuring(effect, Effect.sync(() => clearInterval(watch)))
  return {
    value,
    line: `${((performance.now() - began) / 1000).toFixed(2)} s (${seconds(process.cpuUsage(cpu))} s of this process), ${mebibytes((yield* Ref.get(received)) - bytes)} from the server, peak memory +${mebibytes(peak - before)} to ${mebibytes(peak)}`
  }
})

const received = Ref.makeUnsafe(0)

/** Counts what every session received, when it ends. */
const counted = Layer.effect(
  MailServers,
  Effect.map(MailServers, ({ connect }) =>
    MailServers.of({
      connect: (target) =>
        Effect.tap(connect(target), (session) =>
          Effect.addFinalizer(() => Effect.flatMap(session.received, (bytes) => Ref.update(received, (sum) => sum + bytes))))
    }))
)

const ready = Layer.unwrap(Effect.map(OwnDovecot, ({ port }) => Layer.provide(counted, imapServersAt([port], Duration.seconds(30))))).pipe(
  Layer.provideMerge(mailServices()),
  Layer.provideMerge(Layer.succeed(EmailSyncSettings, { perHost: 100, importsPerDay: 100_000, bytesPerDay: 1e12 })),
  Layer.provideMerge(Layer.merge(OwnDovecot.layer(), ownMailTables))
)

const settingsFor = ({ ca, port }: OwnDovecot["Service"], account: MailAccount) => ({ email: `${account.user}@example.test`, host: "localhost", port, tls: { ca }, ...account })

const largeMail = () => mailWith({ attachments: [{ name: "plan.pdf", bytes: somePdf(largeFile) }] })

/** Tenants whose one mail has a large file each. */
const largeOnes = Effect.fnUntraced(function*(count: number) {
  const dovecot = yield* OwnDovecot
  const tenants = yield* Effect.forEach(Array.from({ length: count }), () =>
    Effect.gen(function*() {
      const own = yield* dovecot.addUser
      yield* dovecot.deliver(own.user, [largeMail()])
      return yield* newMailTenant(settingsFor(dovecot, own))
    }))
  const { line, value } = yield* measured(received, Effect.forEach(tenants, (tenant) => runEmailSync(tenant), { concurrency: atOnce }))
  yield* Console.log(`${count} ${count === 1 ? "tenant" : "tenants"} with a file of 20 MB, ${atOnce} at a time: ${line} (${value.filter(({ _tag }) => _tag === "Complete").length} complete)`)
})

const program = Effect.gen(function*() {
  const dovecot = yield* OwnDovecot
  const account = yield* dovecot.addUser
  for (let from = 0; from < mails; from += 500) {
    yield* dovecot.deliver(account.user, Array.from({ length: Math.min(500, mails - from) }, (_, n) =>
      mailWith((from + n) % invoiceEvery === 0 ? { attachments: [{ name: "facture.pdf", bytes: somePdf(100_000) }] } : {})))
  }
  const tenantId = yield* newMailTenant({ ...settingsFor(dovecot, account), limits: { importsPerDay: 100_000 } })
  const first = yield* measured(received, runEmailSync(tenantId))
  yield* Console.log(`first sync of ${mails} mails, ${(yield* mailedInvoices(tenantId)).length} invoices imported: ${first.line} (${first.value._tag})`)
  const again = yield* measured(received, runEmailSync(tenantId))
  yield* Console.log(`the same without a change: ${again.line} (${again.value._tag})`)

  const many = yield* Effect.forEach(Array.from({ length: tenants }), () =>
    Effect.gen(function*() {
      const own = yield* dovecot.addUser
      yield* dovecot.deliver(own.user, [mailWith(), mailWith({ attachments: [{ name: "f.pdf", bytes: somePdf(10_000) }] })])
      return yield* newMailTenant(settingsFor(dovecot, own))
    }))
  const round = Effect.map(Effect.forEach(many, (tenant) => runEmailSync(tenant), { concurrency: atOnce }), (verdicts) => verdicts.filter(({ _tag }) => _tag === "Complete").length)
  const begin = yield* measured(received, round)
  yield* Console.log(`first sync of ${tenants} tenants, ${atOnce} at a time: ${begin.line} (${begin.value} complete)`)
  for (let turn = 1; turn <= 2; turn++) {
    const unchanged = yield* measured(received, round)
    yield* Console.log(`the same without a change, turn ${turn}: ${unchanged.line} (${unchanged.value} complete)`)
  }
  if (largeFiles > 0) {
    yield* largeOnes(1)
    yield* largeOnes(largeFiles)
  }
  const sql = yield* SqlClient.SqlClient
  const [sum] = yield* sql<{ readonly n: number }>`SELECT count(*)::int AS n FROM invoices`
  yield* Console.log(`${sum?.n} invoices in all`)
})

NodeRuntime.runMain(program.pipe(Effect.provide(ready), Effect.provide(Logger.layer([])), Effect.scoped))
