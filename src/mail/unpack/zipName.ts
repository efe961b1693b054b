import { binaryOf, decodeUnknown } from "../text.ts"

/** Info-ZIP's extra field with the name in UTF-8 (APPNOTE 4.6.9): version, CRC of the name, the name. */
const unicodePath = 0x7075

const unicodeName = (extra: Uint8Array): string | null => {
  const data = new DataView(extra.buffer, extra.byteOffset, extra.byteLength)
  for (let at = 0; at + 4 <= extra.length;) {
    const size = data.getUint16(at + 2, true)
    if (data.getUint16(at, true) === unicodePath && size > 5 && at + 4 + size <= extra.length) return new TextDecoder().decode(extra.subarray(at + 9, at + 4 + size))
    at += 4 + size
  }
  return null
}

/** The upper half of code page 850, which DOS and Windows' Explorer write in Western Europe; its letters are 437's, too. */
const upperHalf = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´­±‗¾¶§÷¸°¨·¹³²■\u00A0"
const ofDos = (name: Uint8Array): string => Array.from(binaryOf(name), (character) => upperHalf[character.charCodeAt(0) - 0x80] ?? character).join("")

/** 850 has its usual letters below 0xA8 and the degree sign at 0xF8, Windows-1252 all of its letters from 0xC0 on. */
const isOfDos = (name: Uint8Array): boolean => {
  const upper = name.filter((byte) => byte >= 0x80)
  return upper.length > 0 && upper.every((byte) => byte <= 0xa7 || byte === 0xf8)
}

const isUtf8 = (name: Uint8Array): boolean => {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(name)
    return true
  } catch {
    return false
  }
}

/** An entry's name. Whether it is UTF-8 is seen by its bytes: the flag that says so is set wrongly, or not at all. */
export const zipName = (name: Uint8Array, extra: Uint8Array): string =>
  unicodeName(extra) ?? (!isUtf8(name) && isOfDos(name) ? ofDos(name) : decodeUnknown(name))
