import { limitConformance } from "./conformance.ts"
import { onRedis } from "./LimitServer.ts"
import { outageConformance } from "./outageConformance.ts"

limitConformance("Redis", onRedis)
outageConformance("Redis", onRedis)
