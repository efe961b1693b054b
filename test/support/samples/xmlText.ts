/** Text that may stand between tags or in a quoted attribute. */
export const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("\"", "&quot;")

/** An element with text; `attributes` are written as given. */
export const element = (name: string, text: string, attributes = ""): string =>
  `<${name}${attributes === "" ? "" : ` ${attributes}`}>${escaped(text)}</${name}>`

/** An element around others, indented below it. */
export const parent = (name: string, children: ReadonlyArray<string>, attributes = ""): string =>
  `<${name}${attributes === "" ? "" : ` ${attributes}`}>\n${children.join("\n").replace(/^/gm, "  ")}\n</${name}>`
