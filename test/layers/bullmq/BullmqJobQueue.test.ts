import { queueConformance } from "./conformance.ts"
import { producerConformance } from "./producerConformance.ts"
import { onPostgres } from "./QueueServer.ts"

queueConformance("queues on PostgreSQL", onPostgres)
producerConformance("adding jobs on PostgreSQL", onPostgres)
