import { type Description, variables } from "../src/config/variables.ts"

const row = ({ about, expected, fallback, name, secret }: Description): string =>
  `| \`${name}\`${secret ? " ¹" : ""} | ${about} | ${expected.replaceAll("|", "\\|")} | ${fallback === null ? "–" : `\`${fallback}\``} |`

/** The README's table of environment variables, from the descriptions that the program itself reads. */
export const configurationTable = (): string =>
  [
    "| variable | what for | expected | default |",
    "|---|---|---|---|",
    ...Object.values(variables).map(({ description }) => row(description))
  ].join("\n")

const marks = { begin: "<!-- configuration table: begin (npm run docs) -->", end: "<!-- configuration table: end -->" }

/** The same README with the table as it is now. */
export const withConfigurationTable = (readme: string): string => {
  const begin = readme.indexOf(marks.begin)
  const end = readme.indexOf(marks.end)
  return begin < 0 || end < begin
    ? readme
    : `${readme.slice(0, begin + marks.begin.length)}\n${configurationTable()}\n${readme.slice(end)}`
}
