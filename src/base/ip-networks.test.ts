import fc from "fast-check";
import { BlockList, isIP } from "node:net";
import { expect, test } from "vitest";
import { AddressRules, deniedNetworks, IpNetworks, isNetwork, loopbackNetworks, parseIp } from "./ip-networks.ts";

const rules = new AddressRules({ denied: [...deniedNetworks, ...loopbackNetworks] });

test.each([
  "127.0.0.1",
  "127.255.255.254",
  "::1",
  "0.0.0.0",
  "::",
  "169.254.169.254",
  "::ffff:169.254.169.254",
  "::ffff:a9fe:a9fe",
  "::169.254.169.254",
  "64:ff9b::a9fe:a9fe",
  "2002:a9fe:a9fe::1",
  "fe80::1%eth0",
  "fd00:ec2::254",
  "224.0.0.1",
  "255.255.255.255",
  "no address",
  "",
])("does not let requests go to %s", (address) => {
  expect(rules.allows(address)).toBe(false);
});

test.each(["10.0.0.1", "192.168.1.1", "203.0.113.7", "fd00::1", "2001:db8::1", "::ffff:10.0.0.1", "128.0.0.1"])(
  "lets requests go to %s",
  (address) => {
    expect(rules.allows(address)).toBe(true);
  },
);

test("an address that the operator allows is allowed in spite of being denied", () => {
  const open = new AddressRules({ denied: [...deniedNetworks, ...loopbackNetworks], allowed: ["127.0.0.1", "fe80::/10"] });
  expect(["127.0.0.1", "::ffff:127.0.0.1", "fe80::2"].map((address) => open.allows(address))).toEqual([true, true, true]);
  expect(open.allows("127.0.0.2")).toBe(false);
});

test.each([
  ["10.0.0.0/8", true],
  ["10.0.0.1", true],
  ["::1/128", true],
  ["10.0.0.0/33", false],
  ["10.0.0/8", false],
  ["010.0.0.1", false],
  ["10.0.0.0/8/8", false],
  ["host", false],
  ["1::2::3", false],
  ["::1.2.3", false],
])("tells whether %s is a network: %s", (text, expected) => {
  expect(isNetwork(text)).toBe(expected);
});

test("reads every address that the platform takes for one, and no other", () => {
  const text = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.stringMatching(/^[0-9a-f:.]{0,30}$/u),
    fc.ipV6().map((address) => `${address}:1`),
  );
  fc.assert(fc.property(text, (address) => (parseIp(address)?.family ?? 0) === isIP(address)));
});

test("finds the same addresses in a network as the platform does", () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.ipV4(), fc.nat(32), (address, network, length) => {
      const list = new BlockList();
      list.addSubnet(network, length);
      const ip = parseIp(address);
      return ip !== undefined && new IpNetworks([`${network}/${length}`]).has(ip) === list.check(address);
    }),
  );
});
