import { onPostgres } from "../../layers/bullmq/QueueServer.ts"
import { reconciliationRules } from "./rules.ts"

reconciliationRules("a queue in PostgreSQL that has lost jobs", onPostgres)
