import { Option, Redacted } from "effect"
import type { TelemetrySettings } from "./Settings.ts"
import type { Values } from "./variables.ts"

/** `name=value,name=value`, values percent-encoded (OpenTelemetry, "Protocol exporter"). */
const headersOf = (text: Option.Option<Redacted.Redacted<string>>): TelemetrySettings["headers"] =>
  Object.fromEntries(Option.match(text, { onNone: () => "", onSome: Redacted.value }).split(",").flatMap((pair) => {
    const at = pair.indexOf("=")
    return at < 1 ? [] : [[pair.slice(0, at).trim().toLowerCase(), Redacted.make(plain(pair.slice(at + 1).trim()))] as const]
  }))

const decodeComponent = Option.liftThrowable(decodeURIComponent)
/** A value with a stray per cent sign is taken as it stands. */
const plain = (text: string): string => Option.getOrElse(decodeComponent(text), () => text)

const ratioOf = ({ tracesSampler, tracesSamplerArg }: Values): number | null =>
  tracesSampler.endsWith("always_off") ? null : tracesSampler.endsWith("traceidratio") ? tracesSamplerArg : 1

export const telemetryOf = (values: Values): TelemetrySettings => ({
  endpoint: values.otelDisabled ? null : Option.getOrNull(values.otlpEndpoint),
  headers: headersOf(values.otlpHeaders),
  protocol: values.otlpProtocol,
  serviceName: values.otelServiceName,
  traces: { ratio: ratioOf(values), sql: values.traceSql }
})
