import { onRedis } from "../../layers/bullmq/QueueServer.ts"
import { reconciliationRules } from "./rules.ts"

reconciliationRules("a queue in Redis that has lost jobs", onRedis)
