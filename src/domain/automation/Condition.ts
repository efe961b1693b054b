import { Schema } from "effect"
import { Features } from "../Features.ts"
import { Period } from "./Period.ts"

/** What a date is to a user. A date can be several of these; `workday` is one that is none of the others. */
export const DayKind = Schema.Literals(["workday", "weekend", "holiday", "absence"])
export type DayKind = typeof DayKind.Type

/** An id of the API's making, as a configuration names it. */
export const RowId = Schema.String.check(Schema.isPattern(/^[^\s\p{Cc}]{1,200}$/u, { expected: "an id of 1 to 200 characters without spaces" }))

const featureNames = Object.keys(Features.fields)
const FeatureFlags = Schema.Record(Schema.String, Schema.Boolean).check(
  Schema.makeFilter((flags) =>
    Object.keys(flags).every((name) => featureNames.includes(name)) ? undefined : `expected names of features: ${featureNames.join(", ")}`
  )
)

/** `missing`: a workday of the period has no entry. `open`: one that began in it has no end. `present`: there is one. */
export const EntriesCondition = Schema.Struct({
  are: Schema.Literals(["missing", "open", "present"]),
  in: Period,
  /** Only entries on this project count. */
  projectId: Schema.optionalKey(RowId)
}).annotate({ identifier: "EntriesCondition", description: "missing: a workday of the period has no entry. open: one that began in it has no end. present: there is one." })
export type EntriesCondition = typeof EntriesCondition.Type

/** Invoices that wait for somebody: read, or not readable, neither approved nor archived; by how many days ago they came. */
export const InvoicesCondition = Schema.Struct({
  waitingLongerThanDays: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 365 })),
  /** `firm`: all of the tenant's; `user`: those that this user has sent. */
  of: Schema.optionalKey(Schema.Literals(["firm", "user"]))
}).annotate({ identifier: "InvoicesCondition", description: "Invoices that wait for somebody, by how many days ago they came." })
export type InvoicesCondition = typeof InvoicesCondition.Type

/** All that are given must hold; none given holds always. */
export const Conditions = Schema.Struct({
  /** Features of the tenant that must be on or off. */
  features: Schema.optionalKey(FeatureFlags),
  /** The run's date must be one of these. */
  days: Schema.optionalKey(Schema.Array(DayKind).check(Schema.isMinLength(1))),
  entries: Schema.optionalKey(EntriesCondition),
  invoices: Schema.optionalKey(InvoicesCondition),
  /** This project must exist and not be archived. */
  projectId: Schema.optionalKey(RowId)
}).annotate({ identifier: "Conditions", description: "All that are given must hold." })
export type Conditions = typeof Conditions.Type
