import { queueConformance } from "./conformance.ts"
import { onPostgres } from "./QueueServer.ts"

queueConformance("queues on PostgreSQL", onPostgres)
