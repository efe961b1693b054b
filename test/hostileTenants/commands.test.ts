import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it as test, layer } from "@effect/vitest"
import { Effect, Layer, Ref } from "effect"
import * as Command from "effect/cli/Command"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as SqlClient from "effect/sql/SqlClient"
import { TestConsole } from "effect/testing"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { jobs } from "../../programs/cli/jobs.ts"
import { mail } from "../../programs/cli/mail.ts"
import { replay } from "../../programs/cli/replay.ts"
import { reprocess } from "../../programs/cli/reprocess.ts"
import { tenant } from "../../programs/cli/tenant.ts"
import { undoAutomation } from "../../programs/cli/undoAutomation.ts"
import { usage } from "../../programs/cli/usage.ts"
import { consoleAction } from "../../programs/operations/consoleActions.ts"
import { MailCredentials } from "../../src/services/MailCredentials.ts"
import { MailServers } from "../../src/services/MailServers.ts"
import { ObjectStorage } from "../../src/services/ObjectStorage.ts"
import { FileErasure } from "../../src/services/TenantErasure.ts"
import { changes, kilo, newFirm, none, rowsOf, StorageReads, twoTenants, zeta } from "./twoTenants.ts"

const folder = fileURLToPath(new URL("../../programs", import.meta.url))
const sourcesOf = (name: string) =>
  readdirSync(join(folder, name), { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts")).map((file) => readFileSync(join(folder, name, file), "utf8"))

/** Each command is tried with the tenant's own id and what is another's; what it then says, and with what failure it ends. */
const tried: Readonly<Record<string, ReadonlyArray<readonly [line: string, says: RegExp]>>> = {
  reprocess: [["reprocess zeta-invoice --tenant kilo", /tenant kilo has no invoice zeta-invoice/], ["reprocess zeta-invoice --tenant kilo --ask-again", /tenant kilo has no invoice/]],
  replay: [["replay zeta-delivery --tenant kilo", /no delivery/], ["replay --webhook zeta-webhook --status delivered --tenant kilo", /no delivery/], ["replay zeta-delivery --tenant kilo --dry-run", /no delivery|0 deliveries/]],
  "undo-automation": [["undo-automation clock-out --tenant kilo --user zeta-user", /nothing|no run/i]],
  usage: [["usage --tenant kilo --invoice zeta-invoice2", /no paid call was made/]],
  again: [["mail again 1 --uid-validity 7 --tenant kilo --mailbox zeta-mailbox", /is not known/]],
  "test-connection": [["mail test-connection --tenant kilo --mailbox zeta-mailbox", /no such mailbox/]],
  "dry-run": [["mail dry-run --tenant kilo --mailbox zeta-mailbox", /no such mailbox/]],
  // An operator sees all tenants; a job that does not exist by this id in this queue is none.
  show: [["jobs show webhook-delivery zeta-job", /has no job/]],
  retry: [["jobs retry webhook-delivery zeta-job", /has no job/]],
  // Last: another's file that a row of the erased tenant names stays.
  erase: [["tenant erase kilo --yes", /erased/]]
}

const spared: Readonly<Record<string, string>> = {
  "tt-worker": "a group", jobs: "a group", mail: "a group", tenant: "a group",
  start: "runs the worker: jobs.test.ts", demo: "a tenant of its own", extract: "reads files of the operator's, no rows",
  migrate: "tables", "migrate-queues": "queues as a whole", doctor: "servers", status: "numbers", failed: "an operator's list over all tenants",
  pause: "by a tenant's id alone, or for all", drain: "a queue", resume: "by a tenant's id alone, or for all", concurrency: "a queue", reconcile: "a sweep",
  enqueue: "adds a job, whose consumer finds out: jobs.test.ts", seal: "writes nothing; what is sealed for one tenant opens for no other: methods.test.ts", "rotate-keys": "a sweep of the operator's"
}

/** What the console can be asked for that names a tenant's thing; the rest names queues or the tenant alone. */
const actions: Readonly<Record<string, object | null>> = {
  pause: null, drain: null, resume: null, concurrency: null, "pause-tenant": null, "resume-tenant": null,
  reprocess: { _tag: "reprocess", tenantId: "kilo", invoiceId: "zeta-invoice" },
  replay: { _tag: "replay", tenantId: "kilo", deliveryId: "zeta-delivery" },
  // By an id that this queue does not have: the operator sees all tenants.
  retry: { _tag: "retry", queue: "webhook-delivery", jobId: "zeta-job" },
  reveal: { _tag: "reveal", queue: "webhook-delivery", jobId: "zeta-job" }
}

describe("every command and every action of the console", () => {
  test("is tried with another tenant's ids, or takes none", () => {
    const names = new Set(sourcesOf("cli").flatMap((source) => [...source.matchAll(/(?:Command\.make|asking)\(\s*"([a-z-]+)"/g)].map(([, name = ""]) => name)))
    assert.sameMembers([...names], [...Object.keys(tried), ...Object.keys(spared)])
    const tags = sourcesOf("operations").flatMap((source) => [...source.matchAll(/Schema\.TaggedStruct\("([a-z-]+)"/g)].map(([, tag = ""]) => tag))
    assert.sameMembers(tags, Object.keys(actions))
  })
})

const cli = Command.make("tt-worker").pipe(Command.withSubcommands([reprocess, replay, undoAutomation, usage, mail, jobs, tenant]))

/** What a command has said, its failure included. */
const say = (line: string) =>
  Effect.gen(function*() {
    const failure = yield* Command.runWith(cli, { version: "0" })(line.split(" ")).pipe(Effect.as(""), Effect.catch((error) => Effect.succeed(String(error))))
    return [...yield* TestConsole.logLines, failure].join("\n")
  }).pipe(Effect.provide(Layer.fresh(TestConsole.layer)))

const files = Layer.effect(FileErasure, Effect.map(ObjectStorage, (storage) => FileErasure.of({ erase: (key) => Effect.as(Effect.orDie(storage.head(key)), true), under: () => Effect.succeed([]), tidy: () => Effect.void })))
const surroundings = Layer.mergeAll(files, Layer.mock(MailServers, {}), Layer.mock(MailCredentials, {}), NodeServices.layer).pipe(Layer.provideMerge(twoTenants))

layer(surroundings, { excludeTestServices: true, timeout: "60 seconds" })("an operator who mixes tenants up", (it) => {
  it.effect("is told that the tenant has no such thing; nothing of the other's changes, and none of its files is touched", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const [, theirs] = [yield* newFirm(kilo), yield* newFirm(zeta)]
      yield* sql`INSERT INTO invoices (id, "tenantId", "fileKey") VALUES ('kilo-thief', 'kilo', ${theirs.fileKey})`
      const touched = yield* StorageReads
      yield* Ref.set(touched, [])
      const before = yield* rowsOf(zeta, kilo)
      for (const body of Object.values(actions).filter((action) => action !== null)) {
        const request = HttpServerRequest.fromWeb(new Request("http://console/api/actions", { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } }))
        const answer = yield* consoleAction({ name: "ann", role: "operate" }, request)
        assert.strictEqual(answer.status, 404)
        assert.deepStrictEqual(changes(before, yield* rowsOf(zeta, kilo)), none, JSON.stringify(body))
      }
      for (const [line, says] of Object.values(tried).flat()) {
        assert.match(yield* say(line), says, line)
        assert.deepStrictEqual(changes(before, yield* rowsOf(zeta, kilo)), none, line)
      }
      assert.deepStrictEqual((yield* Ref.get(touched)).filter((key) => key.startsWith(zeta)), [])
    }), 180_000)
})
