import { limitConformance } from "./conformance.ts"
import { onPostgres } from "./LimitServer.ts"
import { outageConformance } from "./outageConformance.ts"

limitConformance("PostgreSQL", onPostgres)
outageConformance("PostgreSQL", onPostgres)
