import { limitConformance } from "./conformance.ts"
import { inMemory } from "./LimitServer.ts"

limitConformance("memory", inMemory)
