/**
 * Where in its period a schedule runs, from 0 to `period` (exclusive), in milliseconds: always the same for a key, and
 * even over many keys, so that ten thousand schedules of five minutes are not due together. (FNV-1a, with the last
 * step of MurmurHash3, without which keys that differ at their end only stay close to one another.)
 */
export const spreadOffset = (key: string, period: number): number => {
  let hash = 0x811c9dc5
  for (let index = 0; index < key.length; index++) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return Math.floor((((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32) * period)
}
