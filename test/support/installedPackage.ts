import { execFileSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import { Schema } from "effect"

const root = fileURLToPath(new URL("../../", import.meta.url))
const { scripts } = Schema.decodeUnknownSync(Schema.fromJsonString(Schema.Struct({ scripts: Schema.Struct({ build: Schema.String }) })))(
  readFileSync(path.join(root, "package.json"), "utf8")
)

export interface InstalledPackage {
  /** The folder of an API whose node_modules has this package, built, and what was asked for. */
  readonly api: string
  readonly tsc: string
  readonly remove: () => void
}

/** Builds these folders as `npm run build` does, and installs them where nothing else is but `others`, from our node_modules. */
export const installPackage = (folders: ReadonlyArray<string>, others: ReadonlyArray<string> = []): InstalledPackage => {
  const folder = mkdtempSync(path.join(tmpdir(), "tt-worker-package-"))
  const [worker, api] = [path.join(folder, "worker"), path.join(folder, "api")]
  const installed = path.join(api, "node_modules/tt-worker")
  mkdirSync(installed, { recursive: true })
  for (const source of folders) cpSync(path.join(root, source), path.join(worker, source), { recursive: true })
  for (const file of ["package.json", "tsconfig.json", "tsconfig.build.json", "tsconfig.contract.json"]) {
    cpSync(path.join(root, file), path.join(worker, file))
  }
  symlinkSync(path.join(root, "node_modules"), path.join(worker, "node_modules"))
  // With the package's own programs first.
  execFileSync("sh", ["-c", `PATH="$0:$PATH"; ${scripts.build}`, path.join(root, "node_modules/.bin")], { cwd: worker })
  for (const part of ["package.json", "dist"]) cpSync(path.join(worker, part), path.join(installed, part), { recursive: true })
  for (const name of others) {
    mkdirSync(path.dirname(path.join(api, "node_modules", name)), { recursive: true })
    symlinkSync(path.join(root, "node_modules", name), path.join(api, "node_modules", name))
  }
  return { api, tsc: path.join(root, "node_modules/typescript/bin/tsc"), remove: () => rmSync(folder, { recursive: true }) }
}
