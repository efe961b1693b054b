import { hostname } from "node:os"

/** Tells this process from its replicas, for people who look at what it holds. */
export const processName = `${hostname()}, pid ${process.pid}`
