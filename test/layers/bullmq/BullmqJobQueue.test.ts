import { clocksApart } from "./clocks.ts"
import { queueConformance } from "./conformance.ts"
import { producerConformance } from "./producerConformance.ts"
import { jobInspection } from "./inspection.ts"
import { queueTracing } from "./tracing.ts"
import { queueFairness } from "./fairness.ts"
import { lineKeeping } from "./lineKeeping.ts"
import { onPostgres } from "./QueueServer.ts"

queueConformance("queues on PostgreSQL", onPostgres)
producerConformance("adding jobs on PostgreSQL", onPostgres)
jobInspection("looking into lists on PostgreSQL", onPostgres)
queueTracing("traces through PostgreSQL", onPostgres)
queueFairness("turns on PostgreSQL", onPostgres)
lineKeeping("the line on PostgreSQL", onPostgres)
clocksApart("clocks apart on PostgreSQL", onPostgres)
