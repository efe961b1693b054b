/**
 * Relative widths of characters, after Helvetica's metrics. A PDF gives the width of a run of text only; these share
 * it out among the words in it, to within a few per cent for the fonts that invoices are set in.
 */
const narrow = new Set("iljtfrI.,:;'|!()[]{}/\\-`´’ ")
const wide = new Set("mwMWOQGDHNU@%€&+=<>—ŒœÆæ")

export const glyphWidth = (character: string): number =>
  narrow.has(character) ? 0.29 : wide.has(character) ? 0.78 : /[A-Z]/.test(character) ? 0.66 : 0.54
