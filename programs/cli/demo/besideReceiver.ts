import { Result } from "effect"
import type { Settings } from "../../../src/config/Settings.ts"
import { parseAddressRules } from "../../../src/domain/AddressRules.ts"

const loopback = Result.getOrThrow(parseAddressRules("127.0.0.1"))

/**
 * The settings of a demo that is all by itself: its deliveries may go to this machine, where its receiver is. Where the
 * database or the queue is shared with others, their tenants' webhooks come here too, and nothing is made easier.
 */
export const besideReceiver = (settings: Settings): Settings =>
  settings.database._tag === "external" || settings.queue._tag === "redis"
    ? settings
    : {
      ...settings,
      privateHosts: { names: settings.privateHosts.names, networks: [...settings.privateHosts.networks, ...loopback.networks] },
      webhooks: { ...settings.webhooks, httpsOnly: false, proxy: null }
    }
