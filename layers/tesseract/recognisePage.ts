import type { Page, Word } from "../../src/domain/Page.ts"
import type { FoundWord, Recognise } from "./engine.ts"
import { type LoadedPage, onPage, quarterTurn } from "./LoadedPage.ts"
import { hasty, others, prepare, type Preparation, usual } from "./preparations.ts"
import { type Sheet, sheetOf } from "./Sheet.ts"
import { voteWords } from "./voteWords.ts"

/** Numbers matter most. Read with less certainty than this, they are worth the time of further passes. */
const doubtful = 0.86

/** With less certainty or fewer letters a page that is not blank may lie on its side or stand on its head. */
const unreadable = 0.5
const fewLetters = 30

/** Whichever way up, this is not print but the grain of a picture. */
const nonsense = 0.3

/** A page as its words, and as each of several passes saw it where the first was in doubt. */
export interface RecognisedPage {
  readonly page: Page
  readonly passes: ReadonlyArray<Page>
}

interface Pass {
  readonly words: ReadonlyArray<FoundWord>
  readonly letters: number
  /** Mean confidence of the letters and digits found; 0 where nothing was. */
  readonly certainty: number
}

const lettersIn = ({ text }: FoundWord): number => text.replaceAll(/[^\p{L}\p{N}]/gu, "").length

const sum = (values: ReadonlyArray<number>): number => values.reduce((total, value) => total + value, 0)

const certaintyOf = (words: ReadonlyArray<FoundWord>): number =>
  sum(words.map((word) => word.confidence * lettersIn(word))) / Math.max(1, sum(words.map(lettersIn)))

const isNumber = ({ text }: FoundWord): boolean => /\d.*\d/.test(text)

const isDoubtful = ({ words }: Pass): boolean => words.length > 0 && certaintyOf(words.filter(isNumber)) < doubtful

const nothing: Pass = { words: [], letters: 0, certainty: 0 }

const isUnreadable = ({ certainty, letters }: Pass): boolean => certainty < unreadable || letters < fewLetters

/** The second where it is surer, and did not get there by leaving most of the page out. */
const isSurer = (b: Pass, a: Pass): boolean => b.certainty > a.certainty && b.letters > 0.5 * a.letters

const pass = async (sheet: Sheet, preparation: Preparation, recognise: Recognise): Promise<Pass> => {
  const { back, picture } = await prepare(sheet, preparation)
  const words = (await recognise(picture, preparation.layout)).map((word) => ({ ...word, box: onPage(sheet.page, back(word.box)) }))
  return { words, letters: sum(words.map(lettersIn)), certainty: certaintyOf(words) }
}

/** A page, this way up, as its first pass saw it. */
interface Seen {
  readonly sheet: Sheet
  readonly first: Pass
}

/** The way up that is clearly best: the other three are each tried on a small picture. */
const turned = async (seen: Seen, recognise: Recognise): Promise<Seen> => {
  let [page, best] = [seen.sheet.page, seen]
  for (let quarter = 1; quarter < 4; quarter++) {
    page = await quarterTurn(page)
    const sheet = await sheetOf(page)
    const first = await pass(sheet, hasty, recognise)
    if (isSurer(first, best.first)) best = { sheet, first }
  }
  if (best === seen) return seen
  const first = await pass(best.sheet, usual, recognise)
  return isSurer(first, seen.first) ? { sheet: best.sheet, first } : seen
}

/**
 * Recognises one page, made upright and level. Where the first pass is in doubt the others follow as long as there is
 * time, and the page is what they agree on word by word. Boxes are in units of the page as it is then seen.
 */
export const recognisePage = async (number: number, loaded: LoadedPage, recognise: Recognise, hasTime: () => boolean): Promise<RecognisedPage> => {
  const sheet = await sheetOf(loaded)
  const asFound: Seen = { sheet, first: await pass(sheet, usual, recognise) }
  const seen = isUnreadable(asFound.first) && !sheet.isBlank ? await turned(asFound, recognise) : asFound
  const passes: Array<Pass> = [seen.first.certainty < nonsense ? nothing : seen.first]
  if (passes.some(isDoubtful)) {
    for (const preparation of others) if (hasTime()) passes.push(await pass(seen.sheet, preparation, recognise))
  }
  const { height, width } = seen.sheet.page
  const asPage = (words: ReadonlyArray<Word>): Page => ({ number, width, height, words })
  return {
    page: asPage(voteWords(passes.map(({ words }) => words))),
    passes: passes.length < 2 ? [] : passes.map(({ words }) => asPage(words))
  }
}
