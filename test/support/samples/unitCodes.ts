import type { Unit } from "./Invoice.ts"

/** UN/ECE Recommendation 20. */
export const unitCodes: Record<Unit, string> = { "m²": "MTK", "m": "MTR", "h": "HUR", "u": "C62", "forfait": "LS", "jour": "DAY" }
