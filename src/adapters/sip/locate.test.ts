import { expect, test } from "vitest";
import { locator, type NameService } from "./locate.ts";

const refusal = (code: string): Error => Object.assign(new Error(`querySrv ${code}`), { code });

/** Names that a test changes. */
class Names implements NameService {
  services: readonly { readonly name: string; readonly port: number; readonly priority: number }[] | string = "ENODATA";
  readonly asked: string[] = [];

  srv(name: string) {
    this.asked.push(name);
    if (typeof this.services === "string") return Promise.reject(refusal(this.services));
    return Promise.resolve(this.services.map((one) => ({ weight: 1, ...one })));
  }

  addresses(name: string) {
    if (name.startsWith("gone")) return Promise.reject(refusal("ENOTFOUND"));
    return Promise.resolve([{ address: name.startsWith("second") ? "198.51.100.8" : "198.51.100.7" }]);
  }
}

const where = { host: "trunk.test", transport: "tls" } as const;
const web = { address: "198.51.100.7", port: 5061, name: "trunk.test" };

test("servers are found by SRV in their order, addresses by name, and a port that is given asks for no SRV", async () => {
  const names = new Names();
  names.services = [
    { name: "second.test", port: 5072, priority: 20 },
    { name: "gone.test", port: 5070, priority: 5 },
    { name: "first.test", port: 5071, priority: 10 },
  ];
  const locate = locator(names);
  expect(await locate(where)).toEqual([
    { address: "198.51.100.7", port: 5071, name: "trunk.test" },
    { address: "198.51.100.8", port: 5072, name: "trunk.test" },
  ]);
  expect(names.asked).toEqual(["_sips._tcp.trunk.test"]);
  expect(await locate({ ...where, port: 5099 })).toEqual([{ ...web, port: 5099 }]);
  expect(await locate({ host: "[2001:db8::1]", transport: "udp" })).toEqual([{ address: "2001:db8::1", port: 5060 }]);
  expect(names.asked).toHaveLength(1);
  await expect(locate({ host: "gone.test", port: 1, transport: "udp" })).rejects.toMatchObject({ code: "unavailable" });
});

test("a name service that does not answer takes away no servers that it knew of, and is not needed by names without", async () => {
  const names = new Names();
  const locate = locator(names);
  for (const code of ["ENODATA", "ENOTFOUND", "ETIMEOUT", "ECONNREFUSED"]) {
    names.services = code;
    expect(await locate(where)).toEqual([web]);
  }
  names.services = [{ name: "second.test", port: 5072, priority: 20 }];
  expect((await locate(where))[0]?.port).toBe(5072);
  names.services = "ETIMEOUT";
  await expect(locate(where)).rejects.toMatchObject({ code: "unavailable" });
  names.services = [{ name: "gone.test", port: 5072, priority: 20 }];
  await expect(locate(where)).rejects.toMatchObject({ message: "No server of trunk.test has an address." });
  names.services = "ENODATA";
  expect(await locate(where)).toEqual([web]);
});
