import { Option, Redacted, Result } from "effect"
import type { Fault } from "./readVariables.ts"
import type { Values } from "./variables.ts"

/** A provider that mailboxes may be signed in to with tokens, as the operator has registered with it. */
export interface MailProvider {
  readonly name: string
  readonly tokenUrl: URL
  readonly clientId: string
  readonly clientSecret: Redacted.Redacted<string> | null
}

export interface MailKey {
  readonly id: string
  readonly bytes: Redacted.Redacted<Uint8Array>
}

/** The operator's word on email sync. */
export interface MailSettings {
  readonly concurrency: number
  /** Beside 993 and 143. */
  readonly ports: ReadonlyArray<number>
  readonly perHost: number
  readonly importsPerDay: number
  readonly bytesPerDay: number
  /** The first seals. */
  readonly keys: ReadonlyArray<MailKey>
  readonly providers: ReadonlyArray<MailProvider>
}

type Choice<A> = Result.Result<A, ReadonlyArray<Fault>>
const fault = (variable: string, problem: string): Choice<never> => Result.fail([{ variable, problem }])

const listed = (text: string): ReadonlyArray<string> => text.split(",").map((one) => one.trim()).filter((one) => one !== "")

const portsOf = (text: string): Choice<ReadonlyArray<number>> => {
  const ports = listed(text).map(Number)
  return ports.every((port) => Number.isInteger(port) && port >= 1 && port <= 65535) ? Result.succeed(ports) : fault("MAIL_PORTS", "expected ports separated by commas")
}

const keysOf = (secret: Option.Option<Redacted.Redacted<string>>): Choice<ReadonlyArray<MailKey>> => {
  const keys = listed(Option.match(secret, { onNone: () => "", onSome: Redacted.value })).map((pair) => {
    const [, id = "", key = ""] = /^([A-Za-z0-9_-]{1,40}):([A-Za-z0-9+/_-]{43}=?)$/.exec(pair) ?? []
    const bytes = Uint8Array.from(atob(key.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0))
    return id === "" || bytes.length !== 32 ? null : { id, bytes: Redacted.make(bytes) }
  })
  const read = keys.filter((key) => key !== null)
  if (read.length < keys.length) return fault("MAIL_KEYS", "expected id:key pairs separated by commas, each key 32 bytes in base64 (openssl rand -base64 32)")
  return new Set(read.map(({ id }) => id)).size < read.length ? fault("MAIL_KEYS", "two keys have the same id") : Result.succeed(read)
}

const providersOf = (values: Values): Choice<ReadonlyArray<MailProvider>> => {
  const known = [
    { name: "google", id: values.mailGoogleClientId, secret: values.mailGoogleClientSecret, tokenUrl: values.mailGoogleTokenUrl },
    { name: "microsoft", id: values.mailMicrosoftClientId, secret: values.mailMicrosoftClientSecret, tokenUrl: values.mailMicrosoftTokenUrl }
  ]
  const halves = known.flatMap(({ id, name, secret }): ReadonlyArray<Fault> => {
    const prefix = `MAIL_${name.toUpperCase()}_CLIENT`
    return Option.isSome(secret) && Option.isNone(id) ? [{ variable: `${prefix}_ID`, problem: `is not set, but ${prefix}_SECRET is` }] : []
  })
  return halves.length > 0
    ? Result.fail(halves)
    : Result.succeed(known.flatMap(({ id, name, secret, tokenUrl }) => Option.isNone(id) ? [] : [{ name, tokenUrl, clientId: id.value, clientSecret: Option.getOrNull(secret) }]))
}

const faultsOf = (choices: Readonly<Record<string, Choice<unknown>>>): ReadonlyArray<Fault> =>
  Object.values(choices).flatMap((choice) => Result.isFailure(choice) ? choice.failure : [])

/** Decides what email sync runs on; all faults together. */
export const decideMailSettings = (values: Values): Choice<MailSettings> => {
  const choices = {
    ports: portsOf(Option.getOrElse(values.mailPorts, () => "")),
    keys: keysOf(values.mailKeys),
    providers: providersOf(values)
  }
  return Result.mapBoth(Result.all(choices), {
    onFailure: () => faultsOf(choices),
    onSuccess: (chosen): MailSettings => ({
      ...chosen,
      concurrency: values.mailConcurrency,
      perHost: values.mailPerHost,
      importsPerDay: values.mailImportsPerDay,
      bytesPerDay: values.mailMebibytesPerDay * 1024 * 1024
    })
  })
}
