import type { Page } from "../domain/Page.ts"

/** Fewer words than this on the fullest page are a stamp, a page number or a scanner's note over a scan. */
const fewestWords = 12
/** So few without any sum of money are a letterhead, whose letter was scanned. */
const fewestWithoutMoney = 60
const money = /\d[.,]\d{1,2}(?!\d)|[€$£]|^(EUR|USD|GBP|CHF)$/

/** Letters, digits and punctuation of European languages and currencies; others come from fonts without a mapping. */
const usual = /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{N}\p{P}\p{Sc}\p{Zs}\p{Sk}\p{Sm}\p{So}\p{No}\p{Mn}]+$/u

/** Mapped into private use, replaced, or control characters: a font whose letters nobody can tell. */
const unmapped = /[\p{Co}\p{Cc}\uFFFD]/u

const isWord = (text: string): boolean => /\p{L}{2}/u.test(text) || /\d/.test(text)

/** Words of letters without any vowel, or with signs between letters, are what a broken mapping makes. */
const isGarbled = (text: string): boolean =>
  /^\p{L}{5,}$/u.test(text) && !/[aeiouyàâäéèêëîïôöùûüæœáíóúñAEIOUYÀÂÄÉÈÊËÎÏÔÖÙÛÜÆŒÁÍÓÚÑαεηιουωаеиоуыэюя]/iu.test(text) || /\p{L}[!#$%^*={}<>~]+\p{L}/u.test(text)

/**
 * Whether a PDF's text layer can be read instead of its picture. A scan carries a thin one (a stamp, a scanner's
 * note) or one of garbage (fonts without mapping, bad earlier recognition); such a document is to be recognised.
 */
export const textLayerMakesSense = (pages: ReadonlyArray<Page>): boolean => {
  const texts = pages.flatMap((page) => page.words.map((word) => word.text))
  const words = texts.filter(isWord)
  const fullest = pages.reduce((most, page) => Math.max(most, page.words.filter(({ text }) => isWord(text)).length), 0)
  if (fullest < fewestWords || fullest < fewestWithoutMoney && !texts.some((text) => money.test(text))) return false
  const bad = texts.filter((text) => unmapped.test(text) || !usual.test(text)).length
  const garbled = words.filter(isGarbled).length
  const withLetters = words.filter((text) => /\p{L}{2}/u.test(text)).length
  const hasNumbers = texts.some((text) => /\d/.test(text))
  return hasNumbers && bad <= texts.length * 0.15 && garbled <= words.length * 0.2 && withLetters >= words.length * 0.2
}
