import { Context } from "effect"

/** What in a trace's address stands for its id. */
export const traceIdPlaceholder = "{traceId}"

/** Where people look at a trace, with a place for its id; null where nobody has said. */
export const TraceUrl = Context.Reference<string | null>("tt-worker/services/TraceUrl", { defaultValue: () => null })

export const traceHref = (template: string, traceId: string): string => template.replaceAll(traceIdPlaceholder, encodeURIComponent(traceId))
