/** Who writes a column: the API, the worker, or both (the worker then only when nobody has set it by hand). */
export type Writer = "API" | "worker" | "both"

const columns = (writers: Readonly<Record<Writer, string>>): ReadonlyMap<string, Writer> =>
  new Map(
    (["API", "worker", "both"] as const).flatMap((writer) => writers[writer].split(/\s+/).filter((name) => name !== "").map((name) => [name, writer] as const))
  )

interface SharedTable {
  /** As the API's Prisma schema may call it. */
  readonly model: string
  readonly writers: ReadonlyMap<string, Writer>
}

/** Every column of the tables that the API and the worker share. A column that is missing here fails the test of docs/schema.md. */
export const sharedTables: Readonly<Record<string, SharedTable>> = {
  tenants: { model: "Tenant", writers: columns({ API: "id name features emailSettings", worker: "", both: "" }) },
  tenant_users: { model: "TenantUser", writers: columns({ API: "id tenantId userId name archived vehicleId automations country", worker: "", both: "" }) },
  projects: { model: "Project", writers: columns({ API: "id tenantId name archived", worker: "", both: "" }) },
  entries: {
    model: "Entry",
    writers: columns({
      API: "exportedAt",
      worker: "source automationId occurrence occurrenceItem closedBy",
      both: "id tenantId tenantUserId projectId taskId startDate endDate status note breakMinutes"
    })
  },
  absences: { model: "Absence", writers: columns({ API: "id tenantId tenantUserId startDate endDate type status note", worker: "", both: "" }) },
  invoices: {
    model: "Invoice",
    writers: columns({
      API: "id tenantId tenantUserId fileKey fileName contentType archived createdAt",
      worker: "readingSource confidence needsReview evidence warnings errorCode errorMessage processedAt",
      both: `status updatedAt supplierName invoiceNumber invoiceDate dueDate currency amountHT amountTVA amountTTC documentType iban
        supplierVatNumber supplierSiren supplierSiret vatLines lineItems`
    })
  },
  webhooks: {
    model: "Webhook",
    writers: columns({
      API: "id tenantId url secret events ordering retrySchedule maxConcurrency maxPerMinute previousSecret previousSecretUntil createdAt",
      worker: "disabledAt disabledReason failingSince",
      both: "active updatedAt"
    })
  },
  webhook_deliveries: {
    model: "WebhookDelivery",
    writers: columns({
      API: "",
      worker: `responseStatus durationMs attemptNumber attemptStartedAt nextAttemptAt finishedAt errorClass errorMessage timings requestHeaders
        responseHeaders responseExcerpt traceId replays replaying claimEpoch leaseUntil`,
      both: "id webhookId tenantId event payload status createdAt updatedAt eventId idempotencyKey body bodyHash orderingKey orderingSequence jobId"
    })
  }
}

/** What an API's tables have in any case; every other column is added by the worker's migrations where it is missing. */
export const columnsOfEveryApi: Readonly<Record<string, ReadonlyArray<string>>> = {
  tenants: ["id", "name"],
  tenant_users: ["id", "tenantId", "userId", "name", "vehicleId"],
  projects: ["id", "tenantId", "name", "archived"],
  entries: ["id", "tenantId", "tenantUserId", "projectId", "taskId", "startDate", "endDate", "status", "note"],
  absences: ["id", "tenantId", "tenantUserId", "startDate", "endDate", "type", "status", "note"],
  invoices: ["id", "tenantId", "tenantUserId", "fileKey", "createdAt", "updatedAt"],
  webhooks: ["id", "tenantId", "url", "events", "createdAt", "updatedAt"],
  webhook_deliveries: ["id", "webhookId", "tenantId", "event", "payload", "status", "createdAt", "updatedAt"]
}
