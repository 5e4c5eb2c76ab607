import { expect, test } from "vitest";
import { callKinds, callStates } from "#wire/calls";
import { kindsOfCalls, statesOfCalls } from "./table/telephone.ts";

test("kinds and states of calls are those of the contract", () => {
  expect(kindsOfCalls).toEqual(callKinds);
  expect(statesOfCalls).toEqual([...callStates, "open"]);
});
