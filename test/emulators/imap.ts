import { Effect, type Scope } from "effect"
import { readFileSync } from "node:fs"
import * as tls from "node:tls"
import { fileURLToPath } from "node:url"
import type { MailStructure } from "../../src/mail/MailStructure.ts"
import { readHeaderBlock } from "../../src/mail/headers.ts"
import { readMimeTree } from "../../src/mail/readMimeTree.ts"
import { leavesOf } from "../../src/mail/sections.ts"

const file = (name: string) => readFileSync(fileURLToPath(new URL(`../support/tls/${name}`, import.meta.url)))

export interface EmulatedMailbox {
  readonly host: string
  readonly port: number
  /** PEM of the authority that signed its certificate. */
  readonly ca: string
  readonly user: string
  readonly password: string
}

/** What servers have been seen to do beside the standard. May be changed between two syncs. */
export interface Quirks {
  /** The mails' UIDs; counted from 1 unless told. */
  uids?: ReadonlyArray<number>
  /** null: it is not said. */
  uidNext?: number | null
  /** BODYSTRUCTURE as it goes over the wire. */
  bodyStructure?: (honest: string, uid: number) => string
  /** RFC822.SIZE. */
  size?: number
  /** "n:*" gives the last mail, whatever n is: RFC 3501 has it so. */
  givesLastMail?: boolean
  /** Answers with the whole section whatever part of it was asked for. */
  knowsNoParts?: boolean
  /** Does not know the headers of parts, and refuses what asks for them. */
  knowsNoHeaders?: boolean
  /** Most bytes of a section in one answer. */
  mostBytes?: number
}

const quoted = (text: string | undefined): string => text === undefined ? "NIL" : `"${text.replaceAll(/[^\u0020-\u007E]/g, "?").replaceAll(/["\\]/g, "\\$&")}"`
const pairs = (parameters: Readonly<Record<string, string>> = {}): string =>
  Object.keys(parameters).length === 0 ? "NIL" : `(${Object.entries(parameters).map(([name, value]) => `${quoted(name)} ${quoted(value)}`).join(" ")})`
const disposition = (node: MailStructure): string => node.disposition === undefined ? "NIL" : `(${quoted(node.disposition)} ${pairs(node.dispositionParameters)})`

/** BODYSTRUCTURE as RFC 3501 has it (7.4.2). */
const bodyStructure = (node: MailStructure): string => {
  const [type = "text", subtype = "plain"] = node.type.split("/")
  if (type === "multipart" && node.childNodes !== undefined) {
    return `(${node.childNodes.map(bodyStructure).join("")} ${quoted(subtype)} ${pairs(node.parameters)} NIL NIL NIL)`
  }
  const basics = `${quoted(type)} ${quoted(subtype)} ${pairs(node.parameters)} ${quoted(node.id)} NIL ${quoted(node.encoding ?? "7bit")} ${node.size ?? 0}`
  const [inner] = node.childNodes ?? []
  const more = node.type === "message/rfc822" && inner !== undefined
    ? ` (NIL ${quoted(node.envelope?.subject)} NIL NIL NIL NIL NIL NIL NIL NIL) ${bodyStructure(inner)} 1`
    : type === "text" ? " 1" : ""
  return `(${basics}${more} NIL ${disposition(node)} NIL NIL)`
}

const literal = (bytes: Uint8Array): Buffer => Buffer.concat([Buffer.from(`{${bytes.length}}\r\n`), bytes])

/** One mail's answer to a FETCH: what was asked for, in its order. */
const answer = (mail: Uint8Array, uid: number, asked: string, quirks: Quirks): Buffer => {
  const tree = readMimeTree(mail)
  const parts: Array<Buffer> = [Buffer.from(`* ${uid} FETCH (UID ${uid}`)]
  const add = (name: string, value: string | Buffer) => parts.push(Buffer.from(` ${name} `), Buffer.from(value))
  if (asked.includes("BODYSTRUCTURE")) add("BODYSTRUCTURE", quirks.bodyStructure?.(bodyStructure(tree.structure), uid) ?? bodyStructure(tree.structure))
  if (asked.includes("INTERNALDATE")) add("INTERNALDATE", `"01-Mar-2026 09:00:00 +0000"`)
  if (asked.includes("RFC822.SIZE")) add("RFC822.SIZE", String(quirks.size ?? mail.length))
  const fields = /BODY\.PEEK\[(HEADER\.FIELDS \(([^)]*)\))\]/.exec(asked)
  if (fields !== null) {
    const header = readHeaderBlock(mail).fields
    const lines = (fields[2] ?? "").split(" ").flatMap((name) => (header.get(name.toLowerCase()) ?? []).map((value) => `${name}:${value}\r\n`))
    add(`BODY[${fields[1]}]`, literal(Buffer.from(`${lines.join("")}\r\n`, "latin1")))
  }
  for (const [, section = "", start = "0", length = "0"] of asked.matchAll(/BODY\.PEEK\[([\d.]*(?:TEXT)?)\]<(\d+)\.(\d+)>/g)) {
    const leaf = leavesOf(tree.structure).leaves.find((one) => one.section === section)
    const body = section === "" ? mail : leaf === undefined ? new Uint8Array() : tree.bodyOf(leaf.node)
    const most = Math.min(Number(length), quirks.mostBytes ?? Infinity)
    add(`BODY[${section}]<${start}>`, literal(quirks.knowsNoParts === true ? body : body.subarray(Number(start), Number(start) + most)))
  }
  for (const [, section = ""] of asked.matchAll(/BODY\.PEEK\[([\d.]+)\.MIME\]/g)) add(`BODY[${section}.MIME]<0>`, "NIL")
  return Buffer.concat([...parts, Buffer.from(")\r\n")])
}

const uidsIn = (set: string, uids: ReadonlyArray<number>, { givesLastMail }: Quirks): ReadonlyArray<number> => {
  const last = uids.at(-1) ?? 0
  const ranges = set.split(",").map((range) => range.split(":").map((end) => end === "*" ? last : Number(end)))
  return uids.filter((uid) => ranges.some(([from = 1, to = from]) => uid >= from && uid <= to) || (givesLastMail === true && uid === last && set.endsWith("*")))
}

/** A mailbox of these mails that can be read and nothing else: enough of IMAP for a demonstration without a mail server. */
export const emulatedMailbox = (mails: ReadonlyArray<Uint8Array>, quirks: Quirks = {}): Effect.Effect<EmulatedMailbox, never, Scope.Scope> => {
  const user = "factures"
  const password = "demonstration"
  const serve = (socket: tls.TLSSocket) => {
    socket.on("error", () => socket.destroy())
    socket.write("* OK [CAPABILITY IMAP4rev1] ready\r\n")
    let pending = ""
    socket.on("data", (data: Buffer) => {
      pending += data.toString("latin1")
      for (let at = pending.indexOf("\r\n"); at >= 0; at = pending.indexOf("\r\n")) {
        const [tag = "", ...words] = pending.slice(0, at).split(" ")
        pending = pending.slice(at + 2)
        const command = words.join(" ")
        const uids = quirks.uids ?? mails.map((_, n) => n + 1)
        const uidNext = quirks.uidNext === undefined ? (uids.at(-1) ?? 0) + 1 : quirks.uidNext
        const ok = (...lines: ReadonlyArray<string | Buffer>) => socket.write(Buffer.concat([...lines.map((line) => Buffer.from(line)), Buffer.from(`${tag} OK done\r\n`)]))
        // One that repeats what it was sent, as some servers do.
        if (command.startsWith("LOGIN")) {
          if (command.replaceAll('"', "") === `LOGIN ${user} ${password}`) ok()
          else socket.write(`${tag} NO [AUTHENTICATIONFAILED] wrong: ${command}\r\n`)
        } else if (command === "CAPABILITY") ok("* CAPABILITY IMAP4rev1\r\n")
        else if (command.startsWith("LIST")) ok(`* LIST () "/" INBOX\r\n`)
        else if (/^(EXAMINE|SELECT)/.test(command)) ok(`* ${mails.length} EXISTS\r\n* FLAGS ()\r\n* OK [UIDVALIDITY 1] ok\r\n${uidNext === null ? "" : `* OK [UIDNEXT ${uidNext}] ok\r\n`}`)
        else if (command.startsWith("UID SEARCH")) {
          const set = /UID ([\d:*,]+)/.exec(command.slice(3))?.[1] ?? "1:*"
          ok(`* SEARCH${uidsIn(set, uids, quirks).map((uid) => ` ${uid}`).join("")}\r\n`)
        } else if (quirks.knowsNoHeaders === true && command.includes(".MIME]")) {
          socket.write(`${tag} BAD no such section\r\n`)
        } else if (command.startsWith("UID FETCH")) {
          ok(...uidsIn(words[2] ?? "", uids, quirks).map((uid) => answer(mails[uids.indexOf(uid)] ?? new Uint8Array(), uid, command, quirks)))
        } else if (command === "LOGOUT") {
          socket.end(`* BYE\r\n${tag} OK done\r\n`)
        } else ok()
      }
    })
  }
  return Effect.acquireRelease(
    Effect.callback<tls.Server>((resume) => {
      const server = tls.createServer({ cert: file("server.pem"), key: file("server-key.pem") }, serve)
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) => Effect.sync(() => void server.close())
  ).pipe(Effect.map((server) => {
    const address = server.address()
    return { host: "localhost", port: typeof address === "object" && address !== null ? address.port : 0, ca: file("ca.pem").toString(), user, password }
  }))
}
