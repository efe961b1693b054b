import { ProducerError } from "./ProducerError.ts"

export type Parameter = string | null

/**
 * The transaction of your business change: what is enqueued or emitted through it happens with its commit, or not at
 * all. A client of `pg` between BEGIN and COMMIT is one as it is, and so is a `QueryRunner` of TypeORM; for Prisma
 * and Knex there are `fromPrisma` and `fromKnex`. Parameters stand in the text as $1, $2 …; the answer is an array of
 * rows, or an object with `rows`.
 */
export interface Transaction {
  query(sql: string, parameters: Array<Parameter>): PromiseLike<unknown>
}

/** What Prisma hands to the function of an interactive transaction, as far as it is needed here. */
export interface PrismaTransaction {
  $queryRawUnsafe(query: string, ...values: Array<Parameter>): PromiseLike<unknown>
}

/** `prisma.$transaction(async (tx) => { … fromPrisma(tx) … })` */
export const fromPrisma = (tx: PrismaTransaction): Transaction => ({
  query: (sql, parameters) => tx.$queryRawUnsafe(sql, ...parameters)
})

/** What Knex hands to the function of a transaction, as far as it is needed here. */
export interface KnexTransaction {
  raw(sql: string, bindings: Array<Parameter>): PromiseLike<unknown>
}

/** `knex.transaction(async (trx) => { … fromKnex(trx) … })` */
export const fromKnex = (trx: KnexTransaction): Transaction => ({
  query: (sql, parameters) => {
    const bindings: Array<Parameter> = []
    // Knex counts question marks; the texts of this module have none.
    const text = sql.replace(/\$(\d+)/g, (_, place: string) => {
      bindings.push(parameters[Number(place) - 1] ?? null)
      return "?"
    })
    return trx.raw(text, bindings)
  }
})

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null

/** The one row of the answer. */
export const queryRow = async (tx: Transaction, sql: string, parameters: Array<Parameter>): Promise<Record<string, unknown>> => {
  const answer = await tx.query(sql, parameters)
  const rows: unknown = Array.isArray(answer) ? answer : isObject(answer) ? answer["rows"] : undefined
  const row: unknown = Array.isArray(rows) ? rows[0] : undefined
  if (!isObject(row)) throw new ProducerError("misfit", "the transaction's query gave no row; it must answer with an array of rows, or an object with rows")
  return row
}

export const textIn = (row: Record<string, unknown>, column: string): string => {
  const value = row[column]
  if (typeof value !== "string") throw new ProducerError("misfit", `the database's answer has no ${column}; have the worker's migrations run?`)
  return value
}
