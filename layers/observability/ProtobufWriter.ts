/**
 * Writes protobuf's wire format (protobuf.dev, "Encoding") into one growing buffer. Fields that are empty are written as
 * the caller says; a message's length is put before it once it is known.
 */
export class ProtobufWriter {
  #buffer = Buffer.allocUnsafe(64 * 1024)
  #at = 0

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return
    const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#at + bytes))
    this.#buffer.copy(grown, 0, 0, this.#at)
    this.#buffer = grown
  }

  #varint(value: number): void {
    let rest = value
    while (rest > 127) {
      this.#buffer[this.#at++] = rest % 128 | 128
      rest = Math.floor(rest / 128)
    }
    this.#buffer[this.#at++] = rest
  }

  #tag(field: number, wireType: 0 | 1 | 2 | 5): void {
    this.#reserve(12)
    this.#varint(field * 8 + wireType)
  }

  /** What has been written since `from` becomes a length and these bytes. */
  #putLength(from: number): void {
    const length = this.#at - from - 1
    if (length > 127) {
      let extra = 0
      for (let rest = length; rest > 127; rest = Math.floor(rest / 128)) extra++
      this.#reserve(extra)
      this.#buffer.copyWithin(from + 1 + extra, from + 1, this.#at)
      this.#at = from
      this.#varint(length)
      this.#at += length
    } else this.#buffer[from] = length
  }

  varint(field: number, value: number): void {
    this.#tag(field, 0)
    this.#varint(value)
  }

  /** Of either sign, as protobuf's int64. */
  int64(field: number, value: bigint): void {
    this.#tag(field, 0)
    let rest = BigInt.asUintN(64, value)
    while (rest > 127n) {
      this.#buffer[this.#at++] = Number(rest & 127n) | 128
      rest >>= 7n
    }
    this.#buffer[this.#at++] = Number(rest)
  }

  fixed64(field: number, value: string): void {
    this.#tag(field, 1)
    this.#at = this.#buffer.writeBigUInt64LE(BigInt(value), this.#at)
  }

  fixed32(field: number, value: number): void {
    this.#tag(field, 5)
    this.#at = this.#buffer.writeUInt32LE(value, this.#at)
  }

  double(field: number, value: number): void {
    this.#tag(field, 1)
    this.#at = this.#buffer.writeDoubleLE(value, this.#at)
  }

  text(field: number, value: string, encoding: "utf8" | "hex" = "utf8"): void {
    this.#tag(field, 2)
    const from = this.#at++
    this.#reserve(value.length * 3 + 8)
    this.#at += this.#buffer.write(value, this.#at, encoding)
    this.#putLength(from)
  }

  message(field: number, write: () => void): void {
    this.#tag(field, 2)
    const from = this.#at++
    write()
    this.#putLength(from)
  }

  /** What was written, and nothing more. */
  bytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#buffer.subarray(0, this.#at))
  }
}
