import { defineConfig } from "vitest/config"

/**
 * Three projects: `unit` needs nothing from outside (it starts the embedded PostgreSQL itself), `services`
 * needs redis-server, dovecot and chromium on the machine and fails without them; `proofs` takes minutes.
 */
// Many tests start real servers and kill them: on a busy machine one may be late once. What fails twice is broken.
const common = { retry: 1, testTimeout: 60_000, hookTimeout: 60_000, teardownTimeout: 20_000, pool: "forks" as const }

export default defineConfig({
  test: {
    maxWorkers: 4,
    projects: [
      { test: { ...common, name: "unit", include: ["test/**/*.test.ts"], exclude: ["test/**/*.services.test.ts", "test/**/*.proof.test.ts", "node_modules/**"] } },
      { test: { ...common, name: "services", include: ["test/**/*.services.test.ts"] } },
      { test: { ...common, name: "proofs", include: ["test/**/*.proof.test.ts"] } }
    ]
  }
})
