import { Duration } from "effect"

const mebibyte = 1024 * 1024

/** "1.5 MiB", "20 MiB": sizes as people read them, rounded up: what is over a limit does not look like it. `bytes` is a count of bytes. */
export const sizeInWords = (bytes: number): string =>
  bytes < 1024 ? `${bytes} bytes` : bytes < mebibyte ? `${Math.ceil(bytes / 1024)} KiB` : `${Math.ceil(bytes * 10 / mebibyte) / 10} MiB`

/** "40 seconds", "2 minutes": durations as people read them, rounded up. */
export const durationInWords = (duration: Duration.Duration): string => {
  const seconds = Math.ceil(Duration.toSeconds(duration))
  if (seconds < 60) return `${seconds} second${seconds === 1 ? "" : "s"}`
  const minutes = Math.ceil(seconds / 60)
  return minutes < 120 ? `${minutes} minute${minutes === 1 ? "" : "s"}` : `${Math.ceil(minutes / 60)} hours`
}
