/** Columns of text, padded; the first row is the heading. Written for a fixed-width terminal. */
export const table = (rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => Array.from(row[column] ?? "").length)))
  const pad = (text: string, width: number): string => text + " ".repeat(Math.max(0, width - Array.from(text).length))
  return rows.map((row) => `  ${row.map((text, column) => pad(text, widths[column] ?? 0)).join("  ")}`.trimEnd()).join("\n")
}

/** At most so many characters, cut with an ellipsis. */
export const shorten = (text: string, most: number): string => {
  const characters = Array.from(text)
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join("")}…`
}
