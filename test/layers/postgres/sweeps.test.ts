import { assert, describe, it } from "@effect/vitest"
import { basename } from "node:path"
import { fileURLToPath } from "node:url"
import { sweeps } from "../../../layers/postgres/sweeps.ts"
import { invoiceTable, ownTenantTables, sharedTables } from "../../../layers/postgres/tenantTables.ts"
import { type SqlStatement, statementsIn } from "../../support/sqlStatements.ts"

const folder = fileURLToPath(new URL("../../../layers/postgres", import.meta.url))
const tables = [...ownTenantTables, ...sharedTables, invoiceTable].map(({ table }) => table)
/** The API's that the worker only reads. */
const others = ["tenant_users", "projects", "entries"]

const touches = new RegExp(String.raw`\b(FROM|JOIN|INTO|UPDATE)\s+(${[...tables, ...others].map((table) => table.replace(".", String.raw`\.`)).join("|")})\b`)

/** Conditions that stand elsewhere and name the tenant. */
const fragments = /\$\{(own\}|(claimIs|mayWrite|inFolder|inPlace|isHeld|isOfKey|ofTenant|ofUser|theRun|theirs)\()/
/** With what was asked for: a parameter, or a row of those that came with one; joining tables on it is not enough. */
const compared = /\btenant(Id)?"?\s*(=|IS NOT DISTINCT FROM|IS DISTINCT FROM)\s*(\$\{|[a-z]+\.tenant\b|[dg]\."tenantId")|\bt\.id = \$\{tenantId\}/
const inserted = /INSERT INTO [^(]*\([^)]*"tenantId"|\$\{id\.tenantId\}::text AS tenant\b/

const namesTenant = ({ text }: SqlStatement): boolean => fragments.test(text) || (/INSERT INTO/.test(text) ? inserted.test(text) : compared.test(text))

const statements = statementsIn(folder, (file) => file.includes("/migrations/") || file.endsWith("/sweeps.ts")).filter(({ text }) => touches.test(text))
const isListed = ({ file, text }: SqlStatement) => sweeps.filter((sweep) => sweep.file === basename(file) && text.includes(sweep.statement))

describe("statements on tables that keep tenants apart", () => {
  it("are found by this test", () => {
    assert.isAbove(statements.length, 30)
    assert.isFalse(namesTenant({ file: "", line: 0, text: `SELECT * FROM invoices WHERE id = $1` }))
    assert.isFalse(namesTenant({ file: "", line: 0, text: `SELECT "tenantId" FROM invoices` }))
    assert.isFalse(namesTenant({ file: "", line: 0, text: `SELECT 1 FROM invoices i JOIN tt_worker.invoice_claims c ON c."tenantId" = i."tenantId"` }))
    assert.isFalse(namesTenant({ file: "", line: 0, text: `INSERT INTO invoices (id) VALUES ('a')` }))
  })

  it("name their tenant, unless they are listed as a sweep", () => {
    const unnamed = statements.filter((one) => !namesTenant(one) && isListed(one).length === 0)
    assert.deepStrictEqual(unnamed.map(({ file, line, text }) => `${basename(file)}:${line} ${text.trim().slice(0, 90)}`), [])
  })

  it("are listed once, and nothing is listed that is not there", () => {
    assert.deepStrictEqual(sweeps.filter((sweep) => statements.filter((one) => isListed(one).includes(sweep)).length !== 1).map(({ file, statement }) => `${file}: ${statement}`), [])
  })
})
