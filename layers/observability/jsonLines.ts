import { Formatter, Logger } from "effect"

/**
 * One JSON object a line. Inside a span it carries `traceId` and `spanId`, so that a line leads to its trace
 * (OpenTelemetry, "Trace Context in non-OTLP Log Formats").
 */
export const jsonLines: Logger.Logger<unknown, string> = Logger.make((options) => {
  const { annotations, spans, ...line } = Logger.formatStructured.log(options)
  const span = options.fiber.cache.span
  return Formatter.formatJson({
    ...line,
    ...(span === undefined ? {} : { traceId: span.traceId, spanId: span.spanId }),
    annotations,
    ...(Object.keys(spans).length === 0 ? {} : { spans })
  })
})
