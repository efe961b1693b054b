import { defineConfig, type OxlintOverride } from "oxlint"

/** Clients of outside systems, and the folders below layers/ that alone may import them. */
const clients: Readonly<Record<string, ReadonlyArray<string>>> = {
  bullmq: ["bullmq"],
  "@bull-board/api": ["bullmq"],
  "@bull-board/express": ["bullmq"],
  express: ["bullmq"],
  ioredis: ["bullmq", "redis"],
  // Beside BullMQ, which brings its queues to PostgreSQL by it.
  pg: ["bullmq", "embedded"],
  "@effect/sql-pg": ["postgres"],
  "@google-cloud/vision": ["google"],
  "google-auth-library": ["google"],
  "google-gax": ["google"],
  openai: ["openai"],
  imapflow: ["imap"],
  "@aws-sdk/client-s3": ["storage"],
  "@aws-sdk/s3-request-presigner": ["storage"],
  "tesseract.js": ["tesseract"],
  sharp: ["tesseract", "pdf", "google", "openai"],
  undici: ["webhook"],
  unpdf: ["pdf"],
  "@napi-rs/canvas": ["pdf"],
  "date-holidays": ["holidays"],
  "@effect/platform-node": ["bullmq", "http", "storage", "embedded", "childprocess", "process"]
}
const layerFolders = ["bullmq", "childprocess", "embedded", "google", "holidays", "http", "imap", "limits", "oauth", "observability", "openai", "pdf", "postgres", "process", "redis", "rules", "secrets", "storage", "tesseract", "webhook"]
const programs = ["invoice-processing", "email-sync", "operations", "cli", "scheduler", "outbox", "reconciler", "retention", "webhook-delivery", "automation", "shared-tables", "moving-in"]


const packageOf = (name: string) => [name, `${name}/**`]
const clientPatterns = (folder?: string) =>
  Object.entries(clients).filter(([, homes]) => folder === undefined || !homes.includes(folder)).flatMap(([name]) => packageOf(name))

interface Floor {
  readonly files: Array<string>
  /** Rooms that must not be entered from here. */
  readonly rooms: ReadonlyArray<string>
  readonly packages: ReadonlyArray<string>
  readonly because: string
}

const restrict = ({ because, files, packages, rooms }: Floor): OxlintOverride => ({
  files,
  rules: {
    "no-restricted-imports": ["error", {
      patterns: [{ group: [...rooms.flatMap((room) => [`**/${room}`, `**/${room}/**`]), ...packages], message: because }]
    }]
  }
})

const outside = [...clientPatterns(), "node:*"]
const upstairs = ["layers", "programs"]

/** Data flows one way: queue message → program → services → database. Each floor knows only those below it. */
const floors: ReadonlyArray<Floor> = [
  { files: ["src/**"], rooms: upstairs, packages: outside, because: "src knows neither layers nor programs nor any client" },
  { files: ["src/contract/index.ts"], rooms: upstairs, packages: ["**"], because: "the contract is required by CommonJS without installing anything" },
  { files: ["src/producer/**"], rooms: [...upstairs, "domain", "reading", "services", "supervisor", "pipeline", "config", "observability"], packages: [...outside, "effect", "effect/**", "@effect/**"], because: "the producer module is required by an API without installing anything" },
  { files: ["src/contract/jobSchemas.ts"], rooms: [...upstairs, "domain", "reading", "mail", "services", "supervisor", "pipeline", "config"], packages: outside, because: "contract stands on nothing" },
  { files: ["src/domain/**"], rooms: [...upstairs, "reading", "mail", "services", "supervisor", "pipeline", "config"], packages: outside, because: "domain stands on the contract" },
  { files: ["src/reading/**"], rooms: [...upstairs, "mail", "services", "supervisor", "pipeline", "config"], packages: outside, because: "reading stands on the domain" },
  { files: ["src/mail/**"], rooms: [...upstairs, "reading", "services", "supervisor", "pipeline", "config"], packages: outside, because: "what is an invoice in a mail is decided on the domain alone" },
  { files: ["src/services/**"], rooms: [...upstairs, "supervisor", "pipeline", "config"], packages: outside, because: "services stand on domain and reading" },
  { files: ["src/paid/**"], rooms: [...upstairs, "supervisor", "pipeline", "config"], packages: outside, because: "what is paid for stands on services and reading" },
  { files: ["src/supervisor/**"], rooms: [...upstairs, "reading", "mail", "pipeline", "config"], packages: outside, because: "the supervisor knows jobs, not invoices" },
  ...programs.map((program): Floor => ({
    files: [`programs/${program}/**`],
    rooms: ["layers", ...programs.filter((other) => other !== program)],
    packages: outside,
    because: "programs know src only: no layer, no other program, no client"
  })),
  ...layerFolders.map((folder): Floor => ({
    files: [`layers/${folder}/**`],
    rooms: ["programs"],
    packages: clientPatterns(folder),
    because: "a client is imported only by the folder named after it; layers know no program"
  }))
]

export default defineConfig({
  plugins: ["typescript", "import", "unicorn", "oxc", "promise", "node", "vitest"],
  categories: { correctness: "error", suspicious: "error" },
  env: { node: true },
  ignorePatterns: ["dist/**", "node_modules/**", ".data/**"],
  rules: {
    "typescript/no-explicit-any": "error",
    "typescript/no-non-null-assertion": "error",
    "typescript/ban-ts-comment": ["error", { "ts-expect-error": true, "ts-ignore": true, "ts-nocheck": true }],
    "typescript/consistent-type-imports": "error",
    "import/no-cycle": "error",
    "no-console": "error",
    "node/no-process-env": "error",
    // Shadowing is ordinary in generators and callbacks; regular expressions are read better with every hyphen escaped.
    "no-shadow": "off",
    "no-useless-escape": "off",
    "no-underscore-dangle": "off",
    // `it.effect` and `it.live` are tests too.
    "vitest/no-standalone-expect": "off",
    // An effect may be a generator that yields nothing yet.
    "require-yield": "off",
    "unicorn/no-array-sort": "off",
    "unicorn/no-array-callback-reference": "off",
    "unicorn/consistent-function-scoping": "off"
  },
  overrides: floors.map(restrict)
})
