/**
 * An example for every part of the configuration, by the name that its JSON Schema has; published with it. Plain data: the
 * schemas are tried on it.
 */
export const examples: Readonly<Record<string, unknown>> = {
  CreateEntry: { type: "create-entry", start: "08:00", end: "16:30", breakMinutes: 45, projectId: "cm8project0001", note: "Standard day" },
  CloseOpenEntry: { type: "close-open-entry", at: "18:00", openLongerThanMinutes: 60 },
  CopyLastWeek: { type: "copy-last-week", as: "draft" },
  SubmitPending: { type: "submit-pending", in: "this-week" },
  RemindMissing: { type: "remind", event: "entry.missing", in: { lastDays: 5 } },
  RemindOpen: { type: "remind", event: "entry.open", openLongerThanMinutes: 600 },
  RemindDraft: { type: "remind", event: "entry.draft", in: "last-week" },
  RemindInvoices: { type: "remind", event: "invoice.review-pending", waitingLongerThanDays: 3 },
  EmitEvent: { type: "emit-event", event: "site.day-started", payload: { who: "{{user.name}}", date: "{{occurrence.date}}" } },
  EntriesCondition: { are: "missing", in: "yesterday" },
  InvoicesCondition: { waitingLongerThanDays: 3, of: "firm" },
  Conditions: { features: { punchClock: true }, days: ["workday"], entries: { are: "open", in: "today" }, projectId: "cm8project0001" },
  Automation: {
    version: 1,
    id: "standard-day",
    name: "Standard day",
    enabled: true,
    schedule: { cron: "0 18 * * 1-5", timeZone: "Europe/Paris", catchUp: "each" },
    when: { days: ["workday"], entries: { are: "missing", in: "today" } },
    do: { type: "create-entry", start: "08:00", end: "16:30", breakMinutes: 45 }
  }
}
