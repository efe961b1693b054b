/** The command line, as main joins it with what it needs. */
export { agreeOnBackends } from "./agreeOnBackends.ts"
export { announceReady, announceSettings } from "./announce.ts"
export { demo } from "./demo/demo.ts"
export { SamplesFolder } from "./demo/samples.ts"
export { enqueue } from "./enqueue.ts"
export { extract } from "./extract.ts"
export { migrate } from "./migrate.ts"
export { reprocess } from "./reprocess.ts"
