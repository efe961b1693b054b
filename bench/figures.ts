import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, mkdtempSync, rmSync, chmodSync, writeFileSync } from "node:fs"
import { cpus, platform, release, tmpdir, totalmem } from "node:os"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"
import * as BadFiles from "../test/support/badFiles.ts"
import { statusOf, treeMemory } from "./support/treeMemory.ts"

/**
 * The figures of the README's "Measured", as a Markdown table: `npm run figures`. Needs `npm run build` before, and
 * Linux for the memory. Bounded: about a minute.
 */
const main = fileURLToPath(new URL("../dist/main.js", import.meta.url))
const samples = fileURLToPath(new URL("../samples", import.meta.url))
const MiB = 1024 * 1024

const folder = mkdtempSync(join(tmpdir(), "tt-worker-figures-"))
chmodSync(folder, 0o755)

const launch = (args: ReadonlyArray<string>) => {
  const began = performance.now()
  const child = spawn(process.execPath, [main, ...args], { cwd: folder, env: { PATH: "/usr/bin:/bin:/usr/sbin", OPS_PORT: "0" }, stdio: ["ignore", "pipe", "inherit"] })
  let out = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text
  })
  const seconds = (): number => (performance.now() - began) / 1000
  const says = async (text: string): Promise<number> => {
    while (!out.includes(text)) {
      if (child.exitCode !== null) throw new Error(`it ended early: ${out}`)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    return seconds()
  }
  const stop = async (): Promise<void> => {
    const closed = once(child, "close")
    child.kill("SIGTERM")
    await closed
  }
  return { child, says, stop, seconds, out: () => out, closed: once(child, "close") }
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`
const s = (seconds: number): string => `${seconds.toFixed(1)} s`

const rows: Array<readonly [string, string]> = []

const fresh = launch([])
rows.push(["first start to ready, database made anew", s(await fresh.says("Ready after"))])
await fresh.stop()
const second = launch([])
rows.push(["second start to ready", s(await second.says("Ready after"))])
await new Promise((resolve) => setTimeout(resolve, 2000))
rows.push(["memory of the idle supervisor", megabytes(statusOf(second.child.pid ?? 0, "VmRSS"))])
await second.stop()

const demo = launch(["demo"])
await demo.closed
rows.push(["`demo`, all samples, start and stop included", s(demo.seconds())])
for (const name of ["facture-facturx.pdf", "facture-texte.pdf", "facture-photo.jpg"]) {
  const time = new RegExp(`${name.replace(".", "\\.")}: processed \\((.*) s\\)`).exec(demo.out())?.[1]
  rows.push([`from enqueued to processed: \`${name}\``, `${time ?? "?"} s`])
}

const bad = join(folder, "bad")
mkdirSync(bad)
const files: Readonly<Record<string, Uint8Array | Promise<Uint8Array>>> = {
  "zero.pdf": BadFiles.zeroBytes(),
  "large.jpg": BadFiles.tooLargeJpeg(),
  "text.pdf": BadFiles.textNamedPdf(),
  "truncated.pdf": BadFiles.truncatedPdf(),
  "truncated.jpg": BadFiles.truncatedJpeg(),
  "encrypted.pdf": BadFiles.encryptedPdf(),
  "no-pages.pdf": BadFiles.zeroPagePdf(),
  "500-pages.pdf": BadFiles.manyPagesPdf(500),
  "huge.png": BadFiles.hugePng(),
  "huge-rgb.png": BadFiles.hugePngRgb(),
  "no-text.jpg": BadFiles.imageWithoutText(),
  "scan-12-pages.pdf": BadFiles.scannedPdfPages(12),
  "bomb.pdf": BadFiles.pdfBomb(),
  "image-bomb.pdf": BadFiles.pdfImageBomb(),
  "huge-page.pdf": BadFiles.pdfHugePage(),
  "deep.xml": BadFiles.xmlDeep(),
  "entities.xml": BadFiles.xmlWithEntities()
}
for (const [name, bytes] of Object.entries(files)) writeFileSync(join(bad, name), await bytes)

/** The most that all processes held together while these files were read, one after the other. */
const peakOf = async (paths: ReadonlyArray<string>): Promise<number> => {
  const extract = launch(["extract", ...paths, "--json"])
  let peak = 0
  const watch = setInterval(() => {
    peak = Math.max(peak, treeMemory(extract.child.pid ?? 0))
  }, 20)
  await extract.closed
  clearInterval(watch)
  return peak
}

const hostile = Object.keys(files).map((name) => join(bad, name))
let worst = { name: "", peak: 0 }
for (const path of hostile) {
  const peak = await peakOf([path])
  if (peak > worst.peak) worst = { name: basename(path), peak }
}
rows.push([`peak memory of all processes together over one hostile file, the worst of ${hostile.length} (\`${worst.name}\`)`, megabytes(worst.peak)])
rows.push([`the same over a photo and all ${hostile.length} in a row, everything kept warm`, megabytes(await peakOf([join(samples, "facture-photo.jpg"), ...hostile]))])

const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8", cwd: samples }).trim()
process.stdout.write(
  `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores (${cpus()[0]?.model ?? "unknown"}), ${Math.round(totalmem() / MiB / 1024)} GiB, ${platform()} ${release()}, Node ${process.version}, commit ${commit}: \`npm run figures\`\n\n| | |\n|---|---|\n${
    rows.map(([what, figure]) => `| ${what} | ${figure} |`).join("\n")
  }\n`
)
rmSync(folder, { recursive: true, force: true })
