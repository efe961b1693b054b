/** One case: what was seen of it (each feature from 0 to 1), whether it was right, and how much it counts. */
export interface Case {
  readonly features: ReadonlyArray<number>
  readonly isRight: boolean
  readonly weight: number
}

export interface Fit {
  readonly start: number
  readonly slopes: ReadonlyArray<number>
}

const logistic = (value: number): number => 1 / (1 + Math.exp(-value))

export const predict = ({ slopes, start }: Fit, features: ReadonlyArray<number>): number =>
  logistic(slopes.reduce((sum, slope, index) => sum + slope * (features[index] ?? 0), start))

const rounds = 6000

/**
 * Logistic regression by gradient steps with momentum, held back by a ridge. No slope becomes negative: every feature
 * is a reason for, so that what looks like the opposite is chance.
 */
export const fit = (cases: ReadonlyArray<Case>, width: number, ridge = 1.5): Fit => {
  const total = cases.reduce((sum, each) => sum + each.weight, 0) + 2
  let start = 0
  const slopes = Array.from({ length: width }, () => 0)
  const pace = Array.from({ length: width + 1 }, () => 0)
  for (let round = 0; round < rounds; round++) {
    const gradient = Array.from({ length: width + 1 }, () => 0)
    for (const { features, isRight, weight } of cases) {
      const miss = (predict({ start, slopes }, features) - (isRight ? 1 : 0)) * weight
      gradient[width] = (gradient[width] ?? 0) + miss
      features.forEach((value, index) => {
        gradient[index] = (gradient[index] ?? 0) + miss * value
      })
    }
    // One right and one wrong case that nothing is known of: no start is infinitely sure.
    gradient[width] = (gradient[width] ?? 0) + 2 * logistic(start) - 1
    for (let index = 0; index <= width; index++) {
      const pull = index < width ? ridge * (slopes[index] ?? 0) * 0.2 : 0
      pace[index] = 0.9 * (pace[index] ?? 0) - (0.9 * ((gradient[index] ?? 0) + pull)) / total
    }
    start += pace[width] ?? 0
    for (let index = 0; index < width; index++) slopes[index] = Math.max(0, (slopes[index] ?? 0) + (pace[index] ?? 0))
  }
  return { start, slopes }
}
