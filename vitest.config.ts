import { defineConfig } from "vitest/config"

/**
 * Three projects: `unit` needs nothing from outside (it starts the embedded PostgreSQL itself), `services`
 * needs redis-server, dovecot and chromium on the machine and fails without them; `proofs` takes minutes.
 */
const common = { testTimeout: 60_000, hookTimeout: 60_000, teardownTimeout: 20_000, pool: "forks" as const }

export default defineConfig({
  test: {
    maxWorkers: 3,
    projects: [
      { test: { ...common, name: "unit", include: ["test/**/*.test.ts"], exclude: ["test/**/*.services.test.ts", "test/**/*.proof.test.ts", "node_modules/**"] } },
      { test: { ...common, name: "services", include: ["test/**/*.services.test.ts"] } },
      { test: { ...common, name: "proofs", include: ["test/**/*.proof.test.ts"] } }
    ]
  }
})
