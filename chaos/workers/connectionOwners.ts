/** The servers that a worker's links lead to. */
export type Server = "postgres" | "redis" | "storage" | "vision" | "openAi"

/** Whose connection a port was at a moment: ports are used again, by others and towards other servers. */
export interface ConnectionOwners {
  readonly opened: (server: Server, port: number, owner: string, at: number) => void
  readonly ownerOf: (server: Server, port: number | null, at: number) => string
}

/** What was written by no replica: the harness itself, mostly. */
export const nobody = "somebody else"

export const makeConnectionOwners = (): ConnectionOwners => {
  const owners = new Map<string, Array<{ readonly owner: string; readonly since: number }>>()
  return {
    opened: (server, port, owner, at) => {
      const key = `${server} ${port}`
      owners.set(key, [...owners.get(key) ?? [], { owner, since: at }])
    },
    // A server may note a first statement in the same millisecond as the connection.
    ownerOf: (server, port, at) => (owners.get(`${server} ${port}`) ?? []).findLast(({ since }) => since <= at + 1)?.owner ?? nobody
  }
}
