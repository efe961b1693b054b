import { createServer } from "node:http"

/** A receiver of webhooks in a process of its own: answers 200 at once, and never where the path says /hang. */
const server = createServer((request, response) => {
  request.resume().on("end", () => {
    if (request.url !== "/hang") response.end("ok")
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, "127.0.0.1", () => {
  const address = server.address()
  process.stdout.write(`${typeof address === "object" && address !== null ? address.port : 0}\n`)
})
// Ends with the process that started it.
process.stdin.resume().on("end", () => process.exit(0))
