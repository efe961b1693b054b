import { execFile } from "node:child_process"
import { writeFile } from "node:fs/promises"
import * as path from "node:path"
import { promisify } from "node:util"
import { Effect, Schema } from "effect"
import { Client } from "pg"

const run = promisify(execFile)
const decodeLabel = Schema.decodeUnknownPromise(Schema.Tuple([Schema.Struct({ label: Schema.String })]))

/** As PostgreSQL's manual has it (continuous archiving, low-level API): the files, then the log that was written meanwhile, and the label. */
export const takeBaseBackup = (url: string, cluster: string, folder: string): Effect.Effect<void> =>
  Effect.promise(async () => {
    const client = new Client({ connectionString: url })
    await client.connect()
    await client.query("SELECT pg_backup_start('drill', true)")
    await run("cp", ["-a", cluster, folder])
    const { rows } = await client.query<Record<string, unknown>>("SELECT labelfile AS label FROM pg_backup_stop(false)")
    const [{ label }] = await decodeLabel(rows)
    await run("cp", ["-a", path.join(cluster, "pg_wal"), folder])
    await run("rm", ["-f", path.join(folder, "postmaster.pid"), path.join(folder, "postmaster.opts")])
    await writeFile(path.join(folder, "backup_label"), label)
    await client.end()
  })

/** The folder's contents instead of the cluster's; who owns them, and may read them, stays. */
export const putBack = (folder: string, cluster: string): Effect.Effect<void> =>
  Effect.promise(async () => {
    await run("rm", ["-rf", cluster])
    await run("cp", ["-a", folder, cluster])
    await run("chown", ["-R", "--reference", folder, cluster])
  })
