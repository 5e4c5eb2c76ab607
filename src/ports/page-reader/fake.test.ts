import { expect, test } from "vitest";
import { pageReaderContract } from "./contract.ts";
import { FakePageReader } from "./fake.ts";

pageReaderContract(
  {
    test,
    equal: (actual, expected) => expect(actual).toEqual(expected),
    rejects: async (promise, code) => expect(promise).rejects.toMatchObject({ code }),
  },
  async () => {
    const reader = new FakePageReader();
    return {
      reader,
      serve: async (path, page) => {
        reader.put(`http://fake${path}`, page);
        return `http://fake${path}`;
      },
      nowhere: async () => "http://fake/nowhere",
      fallSilent: () => reader.fallSilent(),
      close: async () => undefined,
    };
  },
);
