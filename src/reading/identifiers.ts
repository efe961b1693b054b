import { ibanIsSound, sirenIsSound, siretIsSound } from "./checkDigits.ts"
import { buyerLabel } from "./fieldLabels.ts"
import type { Line } from "./lines.ts"
import { vatNumberCheck } from "./vatNumbers.ts"

export interface Identifiers {
  readonly vatNumber: string | null
  readonly siren: string | null
  readonly siret: string | null
  readonly iban: string | null
}

/** A number that is said to be the reader's own ("your VAT number"), or that stands in the buyer's line. */
const ofBuyer = /\b(client|votre|vos|ihre?|your|uw|kunde|klant|customer|buyer|cliente|acheteur)\b/

const compact = (text: string): string => text.replace(/[\s.\-/]/g, "").toUpperCase()

const vatPattern = /\b(?:FR ?[0-9A-Z]{2}(?: ?\d){9}|DE(?: ?\d){9}|BE ?[01](?:[ .]?\d){9}|NL ?\d{9} ?B ?\d{2}|ATU(?: ?\d){8}|LU(?: ?\d){8}|IT(?: ?\d){11}|ES ?[A-Z0-9]-?\d{7}-?[A-Z0-9]|GB(?: ?\d){9}|PT(?: ?\d){9}|IE ?\d[A-Z0-9]\d{5}[A-Z]{1,2}|PL(?: ?\d){10}|DK(?: ?\d){8}|SE(?: ?\d){12}|FI(?: ?\d){8}|CHE[- ]?\d{3}[. ]?\d{3}[. ]?\d{3}(?: ?(?:TVA|MWST|IVA))?)\b/g

/** Whether a line belongs to the block of lines under the buyer's heading. */
const isBuyers = (lines: ReadonlyArray<Line>, line: Line): boolean =>
  ofBuyer.test(line.folded) || lines.slice(Math.max(0, line.index - 6), line.index).some((above) => above.page === line.page &&
    above.cells.some((cell) => buyerLabel.test(cell.folded) && cell.text.length < 60 && cell.box.x0 < line.box.x1 && line.box.x0 < cell.box.x1 + 40))

const firstOf = (found: ReadonlyArray<{ readonly id: string; readonly buyers: boolean }>): string | null =>
  found.find((entry) => !entry.buyers)?.id ?? null

const digitsIn = (line: Line, count: number): ReadonlyArray<string> =>
  [...line.text.matchAll(new RegExp(String.raw`(?<![\dA-Z])\d(?:[ .\u00a0]?\d){${count - 1}}(?!\d)`, "g"))].map((match) => match[0].replace(/\D/g, ""))

const ibanIn = (text: string): string | null => {
  for (const match of text.matchAll(/\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}/g)) {
    const candidate = compact(match[0])
    // What follows may have been swallowed: the country's own length decides.
    for (let length = candidate.length; length >= 15; length--) {
      if (ibanIsSound(candidate.slice(0, length))) return candidate.slice(0, length)
    }
  }
  return null
}

/** The supplier's numbers: shape and check digits right, not the buyer's, the first on the page. */
export const identifiersOf = (lines: ReadonlyArray<Line>): Identifiers => {
  const vats = lines.flatMap((line) =>
    [...line.text.matchAll(vatPattern)]
      .map((match) => compact(match[0]))
      .filter((id) => vatNumberCheck(id) !== "wrong" || /\b(tva|ust|vat|btw|iva|mwst)/.test(line.folded))
      .map((id) => ({ id, buyers: isBuyers(lines, line) }))
  )
  const sirets = lines.flatMap((line) => digitsIn(line, 14).filter(siretIsSound).map((id) => ({ id, buyers: isBuyers(lines, line) })))
  const sirens = lines.filter((line) => /siren|\brcs\b|siret/.test(line.folded)).flatMap((line) =>
    digitsIn(line, 9).filter(sirenIsSound).map((id) => ({ id, buyers: isBuyers(lines, line) })))
  const vatNumber = firstOf(vats)
  const siret = firstOf(sirets)
  const ofVat = vatNumber?.startsWith("FR") === true && sirenIsSound(vatNumber.slice(4)) ? vatNumber.slice(4) : null
  return {
    vatNumber,
    siret,
    siren: siret?.slice(0, 9) ?? firstOf(sirens) ?? ofVat,
    iban: lines.map((line) => ibanIn(line.text)).find((id) => id !== null) ?? null
  }
}
