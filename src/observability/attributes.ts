/**
 * Every attribute key that a span of this worker carries. Values are ids, codes and counts: never a secret, never
 * text of an invoice. Names follow OpenTelemetry's semantic conventions (v1.45) where there is one; a test compares them.
 */
export const attributes = {
  messagingSystem: "messaging.system",
  messagingDestination: "messaging.destination.name",
  messagingMessageId: "messaging.message.id",
  messagingOperationType: "messaging.operation.type",
  messagingOperationName: "messaging.operation.name",
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
  httpMethod: "http.request.method",
  httpStatus: "http.response.status_code",
  serverAddress: "server.address",
  serverPort: "server.port",
  urlScheme: "url.scheme",
  /** Scheme, host and port; `safeAttribute` sees to it. */
  urlFull: "url.full",
  genAiOperation: "gen_ai.operation.name",
  genAiProvider: "gen_ai.provider.name",
  genAiRequestModel: "gen_ai.request.model",
  genAiMaxTokens: "gen_ai.request.max_tokens",
  genAiOutputType: "gen_ai.output.type",
  genAiResponseModel: "gen_ai.response.model",
  genAiFinishReasons: "gen_ai.response.finish_reasons",
  genAiInputTokens: "gen_ai.usage.input_tokens",
  genAiOutputTokens: "gen_ai.usage.output_tokens",
  /** Set by the SQL client underneath. */
  dbSystem: "db.system.name",
  dbNamespace: "db.namespace",
  dbOperation: "db.operation.name",
  /** The statement with its placeholders: values never stand in it. */
  dbQueryText: "db.query.text",
  /** SQL statements that have no span of their own. */
  sqlStatements: "tt.sql.statements",
  /** Spans of this piece of work that were left out, on its first one: a first sync of a large mailbox has thousands. */
  spansLeftOut: "tt.spans.left_out",
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
