import { createServer } from "node:http"

/** A collector that takes everything and keeps nothing, in a process of its own. Says its port. */
const server = createServer((request, response) => {
  request.resume().on("end", () => response.writeHead(200).end())
})
server.listen(0, "127.0.0.1", () => {
  const address = server.address()
  process.stdout.write(`${typeof address === "object" && address !== null ? address.port : 0}\n`)
})
process.on("disconnect", () => process.exit(0))
