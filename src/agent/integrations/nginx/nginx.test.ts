import { expect, test } from "vitest";
import { HinobanError } from "#base/errors";
import { fuzz } from "#test/fuzz";
import { parseStubStatus } from "./status.ts";

const page =
  "Active connections: 291 \nserver accepts handled requests\n 16630948 16630945 31070465 \nReading: 6 Writing: 179 Waiting: 106 \n";

test("the page of stub_status is read", () => {
  expect(parseStubStatus(page)).toEqual({
    connections: 291,
    accepts: 16_630_948,
    handled: 16_630_945,
    requests: 31_070_465,
    reading: 6,
    writing: 179,
    waiting: 106,
    dropped: 3,
  });
});

test("Windows line ends and tengine's request time are fine", () => {
  expect(parseStubStatus(page.replaceAll("\n", "\r\n"))).toMatchObject({ connections: 291 });
  const tengine = page.replace("requests\n", "requests request_time\n").replace("31070465 \n", "31070465 998877 \n");
  expect(parseStubStatus(tengine)).toMatchObject({ requests: 31_070_465, waiting: 106 });
});

test("broken pages are refused or give whole numbers", () => {
  const isExpected = (error: unknown): boolean => error instanceof HinobanError && error.code === "invalid-input";
  const parse = (input: Buffer): void => {
    if (!Object.values(parseStubStatus(input.toString("latin1"))).every(Number.isInteger)) throw new Error("a figure is no whole number");
  };
  const { taken, refused } = fuzz([page], parse, isExpected);
  expect(Math.min(taken, refused)).toBeGreaterThan(1000);
});
