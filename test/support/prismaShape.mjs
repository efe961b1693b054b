import { createRequire } from "node:module"
const { Pool } = createRequire(import.meta.url)("pg")

// oxlint-disable-next-line node/no-process-env -- as a generated Prisma client reads it
const pool = new Pool({ connectionString: process.env["DATABASE_URL"] })
const quoted = (name) => `"${name}"`

/** `create` and `update` of one table, as far as the examples use them. */
const model = (client, table) => ({
  create: async ({ data }) => {
    const names = Object.keys(data)
    const { rows } = await client.query(`INSERT INTO ${table} (${names.map(quoted)}) VALUES (${names.map((_, n) => `$${n + 1}`)}) RETURNING *`, Object.values(data))
    return rows[0]
  },
  update: async ({ data, where }) => {
    const values = [...Object.values(data), ...Object.values(where)]
    const set = Object.keys(data).map((name, n) => `${quoted(name)} = $${n + 1}`)
    const is = Object.keys(where).map((name, n) => `${quoted(name)} = $${n + 1 + set.length}`)
    const { rows } = await client.query(`UPDATE ${table} SET ${set} WHERE ${is.join(" AND ")} RETURNING *`, values)
    return rows[0]
  }
})

/** What the documentation says of an interactive transaction: `$queryRawUnsafe(query, ...values)` gives an array of rows. */
export class PrismaClient {
  async $transaction(work) {
    const client = await pool.connect()
    try {
      await client.query("BEGIN")
      const done = await work({
        invoice: model(client, "invoices"),
        entry: model(client, "entries"),
        $queryRawUnsafe: async (query, ...values) => (await client.query(query, values)).rows
      })
      await client.query("COMMIT")
      return done
    } catch (error) {
      await client.query("ROLLBACK")
      throw error
    } finally {
      client.release()
    }
  }
}
