/** The command line, as main joins it with what it needs. */
export { agreeOnBackends } from "./agreeOnBackends.ts"
export { announceReady, announceSettings } from "./announce.ts"
export { besideReceiver } from "./demo/besideReceiver.ts"
export { runCommandLine } from "./commandLine.ts"
export { dependencies, type Looks } from "./doctor/dependencies.ts"
export { lookAtExtractor, lookAtModel, lookAtRecognition, lookAtVision } from "./doctor/lookAtReaders.ts"
