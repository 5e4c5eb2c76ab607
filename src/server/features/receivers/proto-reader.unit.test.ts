import { PbfWriter } from "pbf";
import { expect, test } from "vitest";
import { HinobanError } from "#base/errors";
import { fuzz } from "#test/fuzz";
import { ProtoReader } from "./proto-reader.ts";

function written(write: (writer: PbfWriter) => void): Buffer {
  const writer = new PbfWriter();
  write(writer);
  return Buffer.from(writer.finish());
}

const good = written((writer) => {
  writer.writeTag(1, 2);
  writer.writeString("温度");
  writer.writeTag(2, 0);
  writer.writeVarint(2 ** 40 + 7);
  writer.writeTag(3, 0);
  writer.writeVarint(-5);
  writer.writeTag(4, 0);
  writer.writeSVarint(-3);
  writer.writeTag(5, 1);
  writer.writeDouble(-1.5);
  writer.writeTag(6, 1);
  writer.writeFixed64(1_700_000_000_123_000_000);
  writer.writeTag(7, 1);
  writer.writeSFixed64(-42);
  writer.writePackedDouble(8, [1, 2.5]);
  writer.writePackedVarint(9, [300, 1]);
  writer.writeTag(9, 0);
  writer.writeVarint(7);
  writer.writeMessage(10, (_, inner) => inner.writeTag(1, 0), undefined);
});

test("reads every kind of field that a writer writes", () => {
  const reader = new ProtoReader(good.subarray(0, good.length - 3));
  const doubles: number[] = [];
  const numbers: number[] = [];
  const read: Record<number, () => unknown> = {
    1: () => reader.text(),
    2: () => reader.unsigned(),
    3: () => reader.signed(),
    4: () => reader.zigzag(),
    5: () => reader.double(),
    6: () => reader.fixed64(),
    7: () => reader.signedFixed64(),
    8: () => reader.doubles(doubles, 10),
    9: () => reader.unsigneds(numbers, 10),
  };
  const values: unknown[] = [];
  while (reader.next()) values.push(read[reader.field]?.());
  expect(values.slice(0, 2)).toEqual(["温度", 2 ** 40 + 7]);
  expect(values[2]).toBeLessThanOrEqual(0); // -5 as int64: rounded to the precision of a double
  expect(values.slice(3, 7)).toEqual([-3, -1.5, 1_700_000_000_123_000_000, -42]);
  expect([doubles, numbers]).toEqual([
    [1, 2.5],
    [300, 1, 7],
  ]);
});

test.each([
  ["a number that does not end", [0x08, 0x80], "it ends in the middle of a number"],
  ["a number of eleven bytes", [0x08, ...Array.from({ length: 10 }, () => 0xff), 1], "more than ten bytes"],
  ["a text longer than its message", [0x0a, 0x05, 0x61], "longer than its message"],
  ["a text longer than any memory", [0x0a, 0xff, 0xff, 0xff, 0xff, 0x7f], "longer than its message"],
  ["a double that is cut off", [0x09, 0, 0, 0], "it ends in the middle of a field"],
  ["field 0", [0x00], "number 0"],
  ["a group, which is no longer in use", [0x0b], "wire type 3"],
])("refuses %s", (_what, bytes, problem) => {
  const reader = new ProtoReader(Buffer.from(bytes));
  expect(() => {
    while (reader.next()) reader.skip();
  }).toThrow(problem);
});

test("refuses a field of another type, an embedded message that reaches out of its own, and long lists", () => {
  const wrongType = new ProtoReader(Buffer.from([0x08, 0x01]));
  wrongType.next();
  expect(() => wrongType.text()).toThrow("wire type 0 instead of 2");
  const outer = new ProtoReader(Buffer.from([0x0a, 0x02, 0x0a, 0x05, 1, 2, 3, 4, 5]));
  outer.next();
  outer.enter();
  outer.next();
  expect(() => outer.enter()).toThrow("longer than its message");
  const list = new ProtoReader(Buffer.from([0x0a, 0x03, 1, 2, 3]));
  list.next();
  expect(() => list.unsigneds([], 2)).toThrow("more than 2 entries");
});

test("200,000 broken messages are read to their end or refused", () => {
  const walk = (reader: ProtoReader, depth: number): void => {
    while (reader.next()) {
      if (reader.field === 10 && depth < 5) {
        const outer = reader.enter();
        walk(reader, depth + 1);
        reader.leave(outer);
      } else if (reader.field === 8) reader.doubles([], 1000);
      else if (reader.field === 9) reader.unsigneds([], 1000);
      else reader.skip();
    }
  };
  const { taken, refused } = fuzz(
    [good],
    (input) => walk(new ProtoReader(input), 0),
    (error) => error instanceof HinobanError,
  );
  expect(taken).toBeGreaterThan(5000);
  expect(refused).toBeGreaterThan(5000);
});
