/**
 * Every attribute key that a span of this worker carries. Values are ids, codes and counts: never a secret, never
 * text of an invoice. Names follow OpenTelemetry's semantic conventions where there is one (messaging v1.30).
 */
export const attributes = {
  messagingSystem: "messaging.system",
  messagingDestination: "messaging.destination.name",
  messagingMessageId: "messaging.message.id",
  messagingOperation: "messaging.operation.type",
  tenantId: "tt.tenant.id",
  invoiceId: "tt.invoice.id",
  tenantUserId: "tt.tenant_user.id",
  automationId: "tt.automation.id",
  webhookId: "tt.webhook.id",
  webhookDeliveryId: "tt.webhook.delivery.id",
  attempt: "tt.job.attempt",
  maxAttempts: "tt.job.max_attempts",
  verdict: "tt.job.verdict",
  errorCode: "error.type",
  /** SQL statements that have no span of their own. */
  sqlStatements: "tt.sql.statements",
  documentKind: "tt.document.kind",
  documentBytes: "tt.document.size",
  documentPages: "tt.document.pages",
  schedulesTaken: "tt.schedules.taken",
  runsEnqueued: "tt.schedules.enqueued",
  runsOfTasks: "tt.schedules.tasks",
  runsSkipped: "tt.schedules.skipped",
  readingSource: "tt.reading.source",
  readingConfidence: "tt.reading.confidence",
  providerName: "tt.provider.name",
  providerModel: "tt.provider.model",
  providerRegion: "tt.provider.region",
  answerKept: "tt.provider.answer_kept"
} as const
