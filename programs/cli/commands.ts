/** The one-shot commands, as main gives them what they need. */
export { demo } from "./demo/demo.ts"
export { SamplesFolder } from "./demo/samples.ts"
export { enqueue } from "./enqueue.ts"
export { extract } from "./extract.ts"
export { migrate } from "./migrate.ts"
export { reprocess } from "./reprocess.ts"
