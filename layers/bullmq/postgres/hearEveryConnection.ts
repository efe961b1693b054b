import { Client } from "pg"

const ignored = (): void => undefined
let heard = false

/**
 * Every connection of `pg` is listened to before it is made. BullMQ listens to the one for notifications only after that:
 * a server that ends it in that moment (a role without connections, a shutdown) would end this process by an event
 * that nobody hears. Whoever uses a connection learns of its end by its own statement.
 */
export const hearEveryConnection = (): void => {
  if (heard) return
  heard = true
  Client.prototype.connect = new Proxy(Client.prototype.connect, {
    apply: (connect, client: unknown, parameters) => {
      if (client instanceof Client) client.on("error", ignored)
      return Reflect.apply(connect, client, parameters)
    }
  })
}
