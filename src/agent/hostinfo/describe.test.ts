import { expect, test } from "vitest";
import { loadConfig } from "../config.ts";
import { FixtureReader } from "#test/agent/fixture-reader";
import { describeHost, interfacesOf } from "./describe.ts";
import { parseCpuinfo, parseOsRelease } from "./linux.ts";
import { parseSwVers } from "./other.ts";

function linux(): FixtureReader {
  const reader = new FixtureReader();
  reader.files.set(
    "/proc/cpuinfo",
    "processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel name\t: AMD EPYC\ncpu MHz\t\t: 2600.000\ncache size\t: 1024 KB\ncore id\t\t: 0\ncpu cores\t: 2\n\nprocessor\t: 1\nmodel name\t: AMD EPYC\n",
  );
  reader.files.set("/proc/meminfo", "MemTotal:       24684096 kB\nMemFree:        19348048 kB\nSwapTotal:             0 kB\n");
  reader.files.set("/etc/os-release", 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\n');
  reader.files.set("/proc/mounts", "/dev/vda / ext4 rw 0 0\n/dev/vdb /hung ext4 rw 0 0\n");
  reader.spaces.set("/", { total: 264_212_084 * 1024, free: 233_946_896 * 1024, available: 76_125_724 * 1024 });
  reader.folders.set("/sys/block", ["loop0", "vda"]);
  reader.files.set("/sys/block/vda/size", "536870912\n");
  reader.files.set("/sys/block/vda/removable", "0\n");
  reader.files.set("/sys/block/vda/device/vendor", "0x1af4\n");
  return reader;
}

test("a Linux host is described in Mackerel's shapes", async () => {
  const config = loadConfig({ config: "none", "display-name": "Web", roles: ["web:app"] }, {});
  const host = await describeHost(config, linux(), "linux", "inst");
  expect(host).toMatchObject({
    name: "web1",
    displayName: "Web",
    roleFullnames: ["web:app"],
    meta: {
      "agent-name": expect.stringMatching(/^hinoban-agent\//u),
      "hinoban-instance": "inst",
      cpu: [
        {
          vendor_id: "AuthenticAMD",
          family: "25",
          model_name: "AMD EPYC",
          mhz: "2600.000",
          cache_size: "1024 KB",
          core_id: "0",
          cores: "2",
        },
        { model_name: "AMD EPYC" },
      ],
      memory: { total: "24684096kB", free: "19348048kB", swap_total: "0kB" },
      kernel: {
        name: "Linux",
        os: "GNU/Linux",
        release: "6.1.0-28-amd64",
        machine: "x86_64",
        platform_name: "Debian GNU/Linux",
        platform_version: "12",
      },
      block_device: { vda: { size: "536870912", removable: "0", vendor: "0x1af4" } },
      filesystem: { "/dev/vda": { kb_size: 264_212_084, kb_used: 30_265_188, kb_available: 76_125_724, mount: "/", percent_used: "29%" } },
    },
  });
  expect(host).not.toHaveProperty("memo");
  expect(host).not.toHaveProperty("customIdentifier");
});

test("memory and kernel hold only texts, because clients of this API decode them so", async () => {
  const { meta } = await describeHost(loadConfig({ config: "none" }, {}), linux(), "linux", "i");
  const { memory = {}, kernel = {} } = typeof meta === "object" && meta !== null ? Object.fromEntries(Object.entries(meta)) : {};
  for (const value of [...Object.values(memory), ...Object.values(kernel)]) expect(value).toBeTypeOf("string");
});

test("a host that shows nothing is still described", async () => {
  const host = await describeHost(loadConfig({ config: "none", "host-name": "bare" }, {}), new FixtureReader(), "linux", "i");
  expect(host).toMatchObject({ name: "bare", meta: { cpu: [], memory: {}, block_device: {}, filesystem: {} }, interfaces: [] });
});

test("macOS and Windows are described by what node knows, macOS with its product", async () => {
  const reader = new FixtureReader();
  reader.cpus = [{ model: "Apple M2", speed: 24, times: { user: 0, nice: 0, sys: 0, idle: 0, irq: 0 } }];
  reader.outputs.set("/usr/bin/sw_vers", "ProductName:\t\tmacOS\nProductVersion:\t\t15.1\nBuildVersion:\t\t24B83\n");
  const config = loadConfig({ config: "none" }, {});
  expect(await describeHost(config, reader, "darwin", "i")).toMatchObject({
    meta: { cpu: [{ model_name: "Apple M2" }], kernel: { platform_name: "macOS", platform_version: "15.1" } },
  });
  expect(await describeHost(config, reader, "win32", "i")).toMatchObject({ meta: { memory: { total: "16777216kB" } } });
  expect(parseSwVers("")).toEqual({});
});

test("interfaces keep their addresses by family, without loopback and container pairs", () => {
  const reader = new FixtureReader();
  const address = (family: "IPv4" | "IPv6", text: string, internal = false) =>
    ({ family, address: text, netmask: "", mac: "02:00:00:00:00:01", internal, cidr: null, scopeid: 0 }) as const;
  reader.interfaces = {
    lo: [address("IPv4", "127.0.0.1", true)],
    eth0: [address("IPv4", "192.0.2.2"), address("IPv6", "fd00::2")],
    veth12: [address("IPv6", "fe80::1")],
  };
  expect(interfacesOf(reader)).toEqual([
    { name: "eth0", macAddress: "02:00:00:00:00:01", ipv4Addresses: ["192.0.2.2"], ipv6Addresses: ["fd00::2"] },
  ]);
});

test("an ARM processor is known by its implementer, and release files may be unquoted", () => {
  expect(parseCpuinfo("processor\t: 0\nBogoMIPS\t: 50\nCPU implementer\t: 0x41\nCPU architecture: 8\n")).toEqual([
    { vendor_id: "0x41", family: "8" },
  ]);
  expect(parseOsRelease("NAME=Alpine\nVERSION_ID=3.20\n")).toEqual({ name: "Alpine", version: "3.20" });
});
