import { Schema } from "effect"

/** The customer firm. Every query that a job or request causes names it. */
export const TenantId = Schema.NonEmptyString.pipe(Schema.brand("TenantId"))
export type TenantId = typeof TenantId.Type

export const WebhookId = Schema.NonEmptyString.pipe(Schema.brand("WebhookId"))
export type WebhookId = typeof WebhookId.Type

export const WebhookDeliveryId = Schema.NonEmptyString.pipe(Schema.brand("WebhookDeliveryId"))
export type WebhookDeliveryId = typeof WebhookDeliveryId.Type

export const InvoiceId = Schema.NonEmptyString.pipe(Schema.brand("InvoiceId"))
export type InvoiceId = typeof InvoiceId.Type

/** The key of a stored object, as the invoice row carries it: never built from a file name. */
export const StorageKey = Schema.NonEmptyString.pipe(Schema.brand("StorageKey"))
export type StorageKey = typeof StorageKey.Type
