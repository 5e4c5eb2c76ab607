import { HinobanError } from "#base/errors";

/** Wire types of protobuf. */
const varint = 0;
const fixed64 = 1;
const bytes = 2;
const fixed32 = 5;
const mostGroups = 10;
const two32 = 2 ** 32;
const two63 = 2 ** 63;
const two64 = 2 ** 64;

/**
 * Walks through a protobuf message that a stranger sent: every length is checked against the message that it stands in, so that reading
 * ends after as many steps as there are bytes, and allocates nothing that the bytes do not pay for. Encoding: protobuf.dev/programming-guides/encoding.
 */
export class ProtoReader {
  readonly #buffer: Buffer;
  #at = 0;
  #end: number;
  #type = 0;
  /** Number of the field that `next` found. */
  field = 0;
  /** Where the text or message begins that was read or passed over last, in bytes from the start. */
  start = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
    this.#end = buffer.length;
  }

  /** Goes to the next field of the message; false at its end. Each field must then be read or skipped. @throws "bad-request" */
  next(): boolean {
    if (this.#at >= this.#end) return false;
    const tag = this.#varint();
    this.#type = tag % 8;
    this.field = Math.floor(tag / 8);
    if (this.field === 0) throw this.#malformed("a field has number 0");
    return true;
  }

  /** Enters the embedded message here. @returns what `leave` wants back */
  enter(): number {
    const end = this.#lengthEnd();
    const outer = this.#end;
    this.#end = end;
    return outer;
  }

  leave(outer: number): void {
    this.#at = this.#end;
    this.#end = outer;
  }

  text(): string {
    const end = this.#lengthEnd();
    const text = this.#buffer.toString("utf8", this.#at, end);
    this.#at = end;
    return text;
  }

  /** Steps over a text or message, to remember it as it came. @returns where it ends; `start` is where it begins */
  passOver(): number {
    this.#at = this.#lengthEnd();
    return this.#at;
  }

  double(): number {
    this.#expect(fixed64);
    return this.#double();
  }

  /** A fixed64 without sign, such as nanoseconds: exact up to 2^53, rounded above. */
  fixed64(): number {
    this.#expect(fixed64);
    return this.#fixed64();
  }

  /** A fixed64 with sign. */
  signedFixed64(): number {
    this.#expect(fixed64);
    const low = this.#fixed32();
    return this.#buffer.readInt32LE(this.#take(4)) * two32 + low;
  }

  /** A varint without sign: exact up to 2^53. */
  unsigned(): number {
    this.#expect(varint);
    return this.#varint();
  }

  /** An int64 or int32. */
  signed(): number {
    const value = this.unsigned();
    return value >= two63 ? value - two64 : value;
  }

  /** A sint32 or sint64: zigzag. */
  zigzag(): number {
    return fromZigzag(this.unsigned());
  }

  boolean(): boolean {
    return this.unsigned() !== 0;
  }

  /** Repeated doubles, packed or not, added to `into`. */
  doubles(into: number[], most: number): void {
    this.#repeated(fixed64, into, most, () => this.#double());
  }

  fixed64s(into: number[], most: number): void {
    this.#repeated(fixed64, into, most, () => this.#fixed64());
  }

  unsigneds(into: number[], most: number): void {
    this.#repeated(varint, into, most, () => this.#varint());
  }

  zigzags(into: number[], most: number): void {
    this.#repeated(varint, into, most, () => fromZigzag(this.#varint()));
  }

  /** Steps over the field. @throws "bad-request" for a wire type that does not exist */
  skip(): void {
    switch (this.#type) {
      case varint:
        this.#varint();
        return;
      case fixed64:
        this.#take(8);
        return;
      case bytes:
        this.passOver();
        return;
      case fixed32:
        this.#take(4);
        return;
      default:
        throw this.#malformed(`wire type ${this.#type} is not in use`);
    }
  }

  #repeated(type: number, into: number[], most: number, read: () => number): void {
    const isPacked = this.#type === bytes;
    if (!isPacked) this.#expect(type);
    const outer = this.#end;
    if (isPacked) this.#end = this.#lengthEnd();
    while (!isPacked || this.#at < this.#end) {
      into.push(read());
      if (into.length > most) throw new HinobanError("too-large", `A list in the body has more than ${most} entries.`);
      if (!isPacked) break;
    }
    this.#end = outer;
  }

  #double(): number {
    return this.#buffer.readDoubleLE(this.#take(8));
  }

  #fixed32(): number {
    return this.#buffer.readUInt32LE(this.#take(4));
  }

  #fixed64(): number {
    const low = this.#fixed32();
    return this.#fixed32() * two32 + low;
  }

  #varint(): number {
    let value = 0;
    let scale = 1;
    for (let group = 0; group < mostGroups; group += 1) {
      if (this.#at >= this.#end) throw this.#malformed("it ends in the middle of a number");
      const byte = this.#buffer[this.#at] ?? 0;
      this.#at += 1;
      if (byte < 128) return value + byte * scale;
      value += (byte - 128) * scale;
      scale *= 128;
    }
    throw this.#malformed("a number has more than ten bytes");
  }

  /** Reads a length. @returns where what follows ends */
  #lengthEnd(): number {
    this.#expect(bytes);
    const length = this.#varint();
    if (length > this.#end - this.#at) throw this.#malformed("a field is longer than its message");
    this.start = this.#at;
    return this.#at + length;
  }

  /** Steps over so many bytes. @returns where they begin */
  #take(count: number): number {
    const start = this.#at;
    if (count > this.#end - start) throw this.#malformed("it ends in the middle of a field");
    this.#at = start + count;
    return start;
  }

  #expect(type: number): void {
    if (this.#type !== type) throw this.#malformed(`field ${this.field} has wire type ${this.#type} instead of ${type}`);
  }

  #malformed(problem: string): HinobanError {
    return new HinobanError("bad-request", `The body is not the protobuf message that it should be: ${problem}, at byte ${this.#at}.`, {
      at: this.#at,
    });
  }
}

const fromZigzag = (value: number): number => (value % 2 === 1 ? -(value + 1) / 2 : value / 2);
