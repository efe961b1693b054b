/** This process itself: its end, its signals, its place on disk. */
export { exitStatus, reportFailure } from "./exit.ts"
export { packageFolder } from "./packageFolder.ts"
export { processName } from "./processName.ts"
export { watchStopSignals } from "./stopSignals.ts"
