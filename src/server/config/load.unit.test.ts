import { expect, test } from "vitest";
import { loadSettings } from "./load.ts";

const load = (env: Readonly<Record<string, string>>) => loadSettings({ args: [], env, cwd: "/nowhere" }).settings;

test("the address that trunks reach is an IP address, and a name is refused with its setting", () => {
  expect(load({}).sipAddress).toBe("");
  expect(load({ HINOBAN_SIP_ADDRESS: "203.0.113.7" }).sipAddress).toBe("203.0.113.7");
  expect(load({ HINOBAN_SIP_ADDRESS: "2001:db8::7" }).sipAddress).toBe("2001:db8::7");
  expect(() => load({ HINOBAN_SIP_ADDRESS: "pbx.example.jp" })).toThrow(/HINOBAN_SIP_ADDRESS.*must be an IP address/u);
});
