import { writeFileSync } from "node:fs"
import { serve } from "../../../layers/childprocess/serve.ts"

const keep: Array<Buffer> = []

/** A child that does what parsers do at their worst, on command. */
serve(async (command, bytes, sendPart) => {
  const [what, path = ""] = String(command).split(" ")
  process.stdout.write("noise on stdout")
  process.stderr.write("noise on stderr")
  switch (what) {
    case "echo":
      await sendPart({ pid: process.pid, size: bytes.length, sum: bytes.reduce((sum, byte) => (sum + byte) % 65_521, 0) })
      return
    case "parts":
      for (let part = 0; part < 3; part++) await sendPart({ pid: process.pid, size: part, sum: 0 })
      return
    case "environment":
      // oxlint-disable-next-line no-process-env -- the test is about what this process was given
      await sendPart({ pid: process.pid, size: Object.keys(process.env).length, sum: 0 })
      return
    case "spin":
      await sendPart({ pid: process.pid, size: 0, sum: 0 })
      for (;;) Math.random()
    case "grow":
      for (;;) keep.push(Buffer.alloc(16 * 1024 * 1024, 1))
    case "exit":
      process.exit(3)
      break
    case "exit-once":
      try {
        writeFileSync(path, "", { flag: "wx" })
      } catch {
        await sendPart({ pid: process.pid, size: 1, sum: 0 })
        return
      }
      process.exit(3)
      break
    case "throw":
      throw new RangeError("a message that quotes the file")
    case "nonsense":
      await sendPart({ pid: "not a number" })
      return
    case "silence":
      await new Promise(() => setInterval(() => undefined, 1000))
  }
})
