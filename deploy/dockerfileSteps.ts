import { Copy, DockerfileParser, type Instruction } from "dockerfile-ast"
import { execFileSync } from "node:child_process"
import { cpSync, mkdirSync, readFileSync } from "node:fs"
import * as path from "node:path"

/** What a stage came to: its files, and how it is started. */
export interface Stage {
  /** Stands for `/` of the stage. */
  readonly root: string
  workdir: string
  readonly environment: Record<string, string>
  entrypoint: ReadonlyArray<string>
  command: ReadonlyArray<string>
}

const words = (instruction: Instruction): ReadonlyArray<string> => instruction.getArguments().map((argument) => argument.getValue())
const listed = (instruction: Instruction): ReadonlyArray<string> => JSON.parse(instruction.getArgumentsContent() ?? "[]")

/**
 * Does what a Dockerfile says, step by step, without an engine: each stage is a folder, COPY copies, RUN runs in the
 * stage's working folder with this machine's Node. It cannot try the base image, the user and the layers.
 */
export const runDockerfile = (context: string, folder: string, run: { readonly environment: NodeJS.ProcessEnv }): Stage => {
  const stages = new Map<string, Stage>()
  let stage: Stage | null = null
  const current = (): Stage => {
    if (stage === null) throw new Error("an instruction before FROM")
    return stage
  }
  const inside = (place: string) => path.join(current().root, path.resolve(current().workdir, place))

  for (const instruction of DockerfileParser.parse(readFileSync(path.join(context, "Dockerfile"), "utf8")).getInstructions()) {
    const args = words(instruction)
    switch (instruction.getKeyword()) {
      case "FROM": {
        const name = args[2] ?? "last"
        stage = { root: path.join(folder, name), workdir: "/", environment: {}, entrypoint: [], command: [] }
        stages.set(name, stage)
        mkdirSync(stage.root, { recursive: true })
        break
      }
      case "WORKDIR":
        current().workdir = args[0] ?? "/"
        mkdirSync(inside("."), { recursive: true })
        break
      case "ENV":
        for (const word of args) {
          const [name = "", ...value] = word.split("=")
          current().environment[name] = value.join("=")
        }
        break
      case "COPY": {
        const from = instruction instanceof Copy ? instruction.getFromFlag()?.getValue() : undefined
        const sources = args.slice(0, -1)
        const target = args.at(-1) ?? "."
        for (const source of sources) {
          const whole = from === undefined || from === null ? path.join(context, source) : path.join(stages.get(from)?.root ?? "", source)
          // As Docker does: a file goes into a folder whose name ends with a slash, a folder's content into the folder.
          cpSync(whole, target.endsWith("/") ? path.join(inside(target), path.basename(source)) : inside(target), { recursive: true, verbatimSymlinks: true })
        }
        break
      }
      case "RUN":
        execFileSync("sh", ["-ec", instruction.getArgumentsContent() ?? ""], {
          cwd: inside("."),
          env: { ...run.environment, ...current().environment },
          stdio: ["ignore", "ignore", "inherit"]
        })
        break
      case "ENTRYPOINT":
        current().entrypoint = listed(instruction)
        break
      case "CMD":
        current().command = listed(instruction)
        break
    }
  }
  return current()
}
