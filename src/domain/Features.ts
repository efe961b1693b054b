import { Effect, Schema } from "effect"

const flag = (whenMissing: boolean) =>
  Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(whenMissing)))

/** What a tenant has switched on (`tenants.features`). A missing key means its default; unknown keys are ignored. */
export const Features = Schema.Struct({
  projects: flag(true),
  vehicles: flag(true),
  zones: flag(false),
  tasks: flag(false),
  invoices: flag(false),
  hoursOverview: flag(true),
  emailSync: flag(true),
  punchClock: flag(false),
  approvalWorkflow: flag(true),
  automations: flag(true)
})
export type Features = typeof Features.Type

/** Every feature at its default: what `{}` and a missing column mean. */
export const defaultFeatures: Features = Schema.decodeUnknownSync(Features)({})
