import { Effect } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { QUEUE_NAMES } from "../../../src/contract/index.ts"
import { bringJobsToFront, completeJobs, rankOf, takeJobs, tenantOf } from "./lineFunctions.ts"

/** Any number that no other program uses: "ttln" in ASCII. */
const advisoryLock = 0x74746c6e

/**
 * What taking turns needs beside BullMQ's own tables: an index of each tenant's line on the waiting jobs, whose turn it
 * was, and the functions. Can be run again at any time; needs BullMQ's tables.
 */
export const makeLineTables: Effect.Effect<void, SqlError, SqlClient.SqlClient> = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql.withTransaction(Effect.gen(function*() {
    yield* sql`SELECT pg_advisory_xact_lock(${advisoryLock})`
    yield* sql`CREATE SCHEMA IF NOT EXISTS tt_worker`
    yield* sql.unsafe(`CREATE INDEX IF NOT EXISTS tt_job_turn_idx ON bullmq.job
      (queue, (${tenantOf("job")}), (${rankOf("job")}), seq) WHERE state = 'waiting'`)
    // Of an earlier version, whose processes find their jobs without it, if slowly.
    yield* sql`DROP INDEX IF EXISTS bullmq.tt_job_line_idx`
    yield* sql`CREATE SEQUENCE IF NOT EXISTS tt_worker.turn_seq`
    yield* sql`CREATE UNLOGGED TABLE IF NOT EXISTS tt_worker.tenant_turns (
      queue text NOT NULL,
      tenant text NOT NULL,
      turn bigint NOT NULL,
      PRIMARY KEY (queue, tenant)
    )`
    // BullMQ makes a queue's numbers when its first job is added, which a role that may make nothing cannot do.
    for (const queue of Object.values(QUEUE_NAMES)) {
      yield* sql.unsafe(`DO $$ BEGIN EXECUTE format('CREATE SEQUENCE IF NOT EXISTS bullmq.%I', bullmq.job_id_seq_name('${queue}')); END $$`)
    }
    for (const text of [takeJobs, completeJobs, bringJobsToFront]) yield* sql.unsafe(text)
  }))
}).pipe(Effect.withSpan("LineTables.make"))
