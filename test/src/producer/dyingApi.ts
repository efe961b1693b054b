import { Client } from "pg"
import { emitEvent } from "../../../src/producer/index.ts"

/** An API that dies by SIGKILL, before or after the commit of a business change with an event: `dyingApi.ts URL before|after ID`. */
const [url = "", when, id = ""] = process.argv.slice(2)
const client = new Client({ connectionString: url })
await client.connect()
await client.query("BEGIN")
await client.query(`INSERT INTO projects (id, "tenantId") VALUES ($1, 't')`, [id])
await emitEvent(client, { tenantId: "t", event: "project.created", payload: { id }, idempotencyKey: id })
if (when === "after") await client.query("COMMIT")
process.kill(process.pid, "SIGKILL")
