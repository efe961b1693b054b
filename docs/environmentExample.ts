import { type Description, variables } from "../src/config/variables.ts"

const heading = `# Every variable that the worker reads, for docker-compose.yml and for a worker beside it: copy this file to .env.
# What is commented out has the default that stands there, or none. Secrets can be given as a file by NAME_FILE.
# Written by \`npm run docs\`.

# --- For docker compose: nothing else has to be set -------------------------------------------------------------------

# opens console, board and metrics; any long random text
OPS_TOKEN=
# Google Cloud Vision, by API key (or GOOGLE_APPLICATION_CREDENTIALS, the path of a key file that is mounted)
GOOGLE_VISION_API_KEY=
OPENAI_API_KEY=
# of the PostgreSQL that compose starts
# POSTGRES_PASSWORD=tt

# --- All others -------------------------------------------------------------------------------------------------------
`

/** Set above, where compose needs them. */
const above = ["OPS_TOKEN", "GOOGLE_VISION_API_KEY", "OPENAI_API_KEY"]

const entry = ({ about, expected, fallback, name }: Description): string => `\n# ${about}: ${expected}\n# ${name}=${fallback ?? ""}\n`

/** `.env.example`, from the descriptions that the program itself reads. */
export const environmentExample = (): string =>
  heading + Object.values(variables).filter(({ description }) => !above.includes(description.name)).map(({ description }) => entry(description)).join("")
