import { DockerfileParser } from "dockerfile-ast"
import { validate } from "dockerfile-utils"
import { existsSync, readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"

const root = new URL("../../", import.meta.url)
const text = readFileSync(new URL("Dockerfile", root), "utf8")
const dockerfile = DockerfileParser.parse(text)

const instructions = dockerfile.getInstructions().map((instruction) => ({
  keyword: instruction.getKeyword(),
  words: instruction.getArguments().map((argument) => argument.getValue())
}))

describe("the Dockerfile", () => {
  it("has nothing that its linter objects to", () => {
    expect(validate(text)).toEqual([])
    expect(validate("FROM node\nCOPPY a b").length).toBeGreaterThan(0)
  })

  it("copies only what is there and what .dockerignore lets in", () => {
    const allowed = readFileSync(new URL(".dockerignore", root), "utf8").split("\n").filter((line) => line.startsWith("!")).map((line) => line.slice(1))
    const copied = dockerfile.getCOPYs().filter((copy) => copy.getFlags().length === 0).flatMap((copy) =>
      copy.getArguments().slice(0, -1).map((argument) => argument.getValue()))
    expect(copied.filter((path) => !existsSync(new URL(path, root)))).toEqual([])
    expect(allowed.toSorted()).toEqual([...new Set(copied)].toSorted())
  })

  it("builds and runs on one and the same Node, which the package asks for", () => {
    const images = new Set(dockerfile.getFROMs().map((from) => from.getImage()))
    expect(images.size).toBe(1)
    expect([...images][0]).toMatch(/^node:24\./)
  })

  it("runs as a user without rights, without a shell around it", () => {
    const last = instructions.slice(instructions.findLastIndex(({ keyword }) => keyword === "FROM"))
    expect(last.find(({ keyword }) => keyword === "USER")?.words).toEqual(["node"])
    expect(last.find(({ keyword }) => keyword === "ENTRYPOINT")?.words.join(" ")).toContain('"node"')
  })
})
