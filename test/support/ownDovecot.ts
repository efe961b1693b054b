import { Clock, Context, Effect, Layer } from "effect"
import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { randomUUID, X509Certificate } from "node:crypto"
import { once } from "node:events"
import * as fs from "node:fs"
import { connect } from "node:net"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import { freePort } from "../../layers/embedded/freePort.ts"
import { config23, config24, type DovecotPlace, oauth2Config } from "./dovecotConfig.ts"
import { tempDir } from "./tempDir.ts"

const tlsFolder = fileURLToPath(new URL("tls/", import.meta.url))

/** Debian puts it where an ordinary user's PATH does not lead. */
const binary = fs.existsSync("/usr/sbin/dovecot") ? "/usr/sbin/dovecot" : "dovecot"

const greets = (port: number): Effect.Effect<boolean> =>
  Effect.callback<boolean>((resume) => {
    const socket = connect(port, "127.0.0.1")
    socket.once("data", (data) => {
      socket.destroy()
      resume(Effect.succeed(data.toString().startsWith("* OK")))
    })
    socket.once("error", () => resume(Effect.succeed(false)))
    socket.once("close", () => resume(Effect.succeed(false)))
    return Effect.sync(() => socket.destroy())
  })

const idOf = (flag: "-u" | "-g" | "-un", name?: string): string => execFileSync("id", name === undefined ? [flag] : [flag, name]).toString().trim()

const mailUser = (asRoot: boolean): DovecotPlace["mailUser"] => {
  const name = asRoot ? "nobody" : idOf("-un")
  return { name, uid: Number(idOf("-u", name)), gid: Number(idOf("-g", name)) }
}

export interface MailAccount {
  readonly user: string
  readonly password: string
}

const accountsReady = 1_200

export interface Delivery {
  readonly folder?: string
  readonly receivedAt?: Date
}

/**
 * A Dovecot for one test file, with its mails in a temporary folder; thrown away with it. Needs `dovecot` on the machine
 * (`dovecot-imapd`), 2.3 or 2.4, as root or not.
 */
export class OwnDovecot extends Context.Service<OwnDovecot, {
  readonly host: string
  /** TLS from the first byte, and STARTTLS. The certificate is for `localhost`, `imap.example.test` and 127.0.0.1. */
  readonly port: number
  readonly startTlsPort: number
  /** PEM of the authority that signed it. */
  readonly ca: string
  readonly fingerprint: string
  /** A user of one's own; INBOX is empty. */
  readonly addUser: Effect.Effect<MailAccount>
  /** Puts mails into a folder as they are, as though they had been received then. */
  readonly deliver: (user: string, mails: ReadonlyArray<Uint8Array | string>, options?: Delivery) => Effect.Effect<void>
  /** As a restored backup shows: every UID is new, and UIDVALIDITY with them. */
  readonly renumber: (user: string) => Effect.Effect<void>
  /** Files of the user's INBOX with their flags, as Maildir names them. */
  readonly files: (user: string, folder?: string) => Effect.Effect<ReadonlyArray<string>>
  readonly remove: (user: string, file: string) => Effect.Effect<void>
  readonly stop: Effect.Effect<void>
  readonly start: Effect.Effect<void>
}>()("test/OwnDovecot") {
  static readonly layer = (options: { readonly tokenInfoUrl?: string } = {}): Layer.Layer<OwnDovecot> =>
    Layer.effect(OwnDovecot, makeDovecot(options.tokenInfoUrl ?? null))
}

const makeDovecot = (tokenInfoUrl: string | null) =>
  Effect.gen(function*() {
    const directory = yield* tempDir
    const asRoot = process.geteuid?.() === 0
    const place: DovecotPlace = {
      directory,
      implicitTlsPort: yield* freePort,
      startTlsPort: yield* freePort,
      certificate: path.join(directory, "server.pem"),
      key: path.join(directory, "server-key.pem"),
      mailUser: mailUser(asRoot),
      asRoot,
      tokenInfoUrl
    }
    const own = (target: string) => {
      if (asRoot) fs.chownSync(target, place.mailUser.uid, place.mailUser.gid)
    }
    const makeOwn = (folder: string) => {
      fs.mkdirSync(folder, { recursive: true })
      own(folder)
    }
    for (const name of ["server.pem", "server-key.pem"]) fs.copyFileSync(path.join(tlsFolder, name), path.join(directory, name))
    for (const name of ["mail", "home"]) makeOwn(path.join(directory, name))
    fs.mkdirSync(path.join(directory, "run"))
    // Dovecot does not see a user who was added within the second of its last look: all are there from the beginning.
    const accounts = Array.from({ length: accountsReady }, (_, n) => ({ user: `user${n + 1}`, password: randomUUID() }))
    fs.writeFileSync(path.join(directory, "users"), accounts.map(({ password, user }) => `${user}:{PLAIN}${password}::::::\n`).join(""))
    if (tokenInfoUrl !== null) fs.writeFileSync(path.join(directory, "oauth2.conf.ext"), oauth2Config(tokenInfoUrl))
    const version = execFileSync(binary, ["--version"]).toString().trim().split(" ")[0] ?? ""
    const config = path.join(directory, "dovecot.conf")
    fs.writeFileSync(config, version.startsWith("2.3") ? config23(place) : config24(place, version))

    let server: ChildProcess | null = null
    const log = () => fs.existsSync(path.join(directory, "dovecot.log")) ? fs.readFileSync(path.join(directory, "dovecot.log"), "utf8") : ""
    const start = Effect.gen(function*() {
      const child = spawn(binary, ["-F", "-c", config], { stdio: "ignore" })
      server = child
      yield* Effect.promise(() => once(child, "spawn"))
      const ready = yield* greets(place.startTlsPort).pipe(
        Effect.tap((well) => well || child.exitCode !== null ? Effect.void : Effect.sleep("25 millis")),
        Effect.repeat({ until: (well) => well || child.exitCode !== null }),
        Effect.timeout("10 seconds"),
        Effect.orElseSucceed(() => false)
      )
      if (!ready) return yield* Effect.die(new Error(`Dovecot does not start: ${log().slice(-2000)}`))
    }).pipe(Effect.provideService(Clock.Clock, Context.get(Context.empty(), Clock.Clock)))
    const stop = Effect.promise(async () => {
      const child = server
      server = null
      if (child === null || child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, "exit")
      child.kill("SIGTERM")
      await exited
    })
    yield* Effect.acquireRelease(start, () => stop)

    const folderOf = (user: string, folder = "INBOX") => path.join(directory, "mail", user, folder === "INBOX" ? "" : `.${folder}`)
    let made = 0
    return OwnDovecot.of({
      host: "localhost",
      port: place.implicitTlsPort,
      startTlsPort: place.startTlsPort,
      ca: fs.readFileSync(path.join(tlsFolder, "ca.pem"), "utf8"),
      fingerprint: fingerprintOf(path.join(tlsFolder, "server.pem")),
      addUser: Effect.suspend(() => {
        const account = accounts.shift()
        return account === undefined ? Effect.die(new Error("every user is taken")) : Effect.succeed(account)
      }),
      deliver: (user, mails, { folder, receivedAt = new Date() } = {}) =>
        Effect.sync(() => {
          const place = folderOf(user, folder)
          makeOwn(folderOf(user))
          makeOwn(place)
          for (const name of ["cur", "new", "tmp"]) makeOwn(path.join(place, name))
          if (folder !== undefined && folder !== "INBOX") {
            fs.writeFileSync(path.join(place, "maildirfolder"), "")
            own(path.join(place, "maildirfolder"))
          }
          for (const mail of mails) {
            const file = path.join(place, "new", `${1_700_000_000 + ++made}.M${made}P1.test`)
            fs.writeFileSync(file, mail)
            own(file)
            fs.utimesSync(file, receivedAt, receivedAt)
          }
        }),
      renumber: (user) =>
        Effect.sync(() => {
          for (const name of fs.readdirSync(folderOf(user))) if (name.startsWith("dovecot")) fs.rmSync(path.join(folderOf(user), name), { force: true })
        }),
      files: (user, folder) =>
        Effect.sync(() => ["cur", "new"].flatMap((name) => fs.readdirSync(path.join(folderOf(user, folder), name)).map((file) => `${name}/${file}`))),
      remove: (user, file) => Effect.sync(() => fs.rmSync(path.join(folderOf(user), file))),
      stop,
      start
    })
  })

const fingerprintOf = (file: string): string => new X509Certificate(fs.readFileSync(file)).fingerprint256
