import { expect, test } from "vitest";
import { pathOf } from "./probe-address.ts";

test.each([
  ["example.com", { host: "example.com", port: 443 }],
  ["example.com:8080", { host: "example.com", port: 8080 }],
  [" 192.0.2.1:22 ", { host: "192.0.2.1", port: 22 }],
  ["[2001:db8::1]:443", { host: "2001:db8::1", port: 443 }],
  ["2001:db8::1", { host: "2001:db8::1", port: 443 }],
  ["https://user:pw@example.com/a?b#c", { host: "example.com", port: 443, protocol: "https" }],
  ["http://example.com:81", { host: "example.com", port: 81, protocol: "http" }],
  ["ssh://web1", { host: "web1", port: 22, protocol: "ssh" }],
  ["imaps://mail", { host: "mail", port: 993, protocol: "tls" }],
  ["日本語.jp", { host: "日本語.jp", port: 443 }],
])("%s is an address", (typed, expected) => {
  expect(pathOf(typed)).toEqual({ kind: "path", ...expected });
});

test.each(["", "a b", "gopher://x", "host:0", "host:65536", "host:port", "https://", "@", "/path"])("%j is none", (typed) => {
  expect(pathOf(typed)).toBeUndefined();
});
