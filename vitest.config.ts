import { defineConfig } from "vitest/config"

/**
 * Three projects: `unit` needs nothing from outside (it starts the embedded PostgreSQL itself), `services`
 * needs redis-server, dovecot and chromium on the machine and fails without them; `proofs` takes minutes.
 */
// Many tests start real servers and kill them: on a busy machine one may be late once. What fails twice is broken.
const common = { retry: 1, testTimeout: 60_000, hookTimeout: 60_000, teardownTimeout: 20_000, pool: "forks" as const }

// Starts many processes; once in a whole check is enough, and `test:postgres16` is where.
const onlyOn16 = process.env["POSTGRES_MAJOR"] === undefined ? ["test/restrictedRole.test.ts"] : []

export default defineConfig({
  test: {
    maxWorkers: 4,
    projects: [
      { test: { ...common, name: "unit", include: ["test/**/*.test.ts"], exclude: ["test/**/*.services.test.ts", "test/**/*.proof.test.ts", ...onlyOn16, "node_modules/**"] } },
      { test: { ...common, name: "services", include: ["test/**/*.services.test.ts"] } },
      { test: { ...common, name: "proofs", include: ["test/**/*.proof.test.ts"] } }
    ]
  }
})
