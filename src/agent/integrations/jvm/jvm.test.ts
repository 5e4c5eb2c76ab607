import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { minutes } from "#base/duration";
import { HinobanError } from "#base/errors";
import { FakeClock } from "#test/fake-clock";
import { fuzz } from "#test/fuzz";
import { IntegrationRig } from "#test/integration-rig";
import { createLog } from "../../log.ts";
import { MachineReader } from "../../system.ts";
import type { Collected, IntegrationConfig } from "../integration.ts";
import { Options } from "../options.ts";
import type { RunProgram } from "../program.ts";
import { makeJvm } from "./index.ts";
import { parseJolokia } from "./jolokia.ts";
import { findProcess, parseJstat, spaceRates } from "./jstat.ts";

// Recorded from OpenJDK 17.
const serial = {
  gc: `    S0C         S1C         S0U         S1U          EC           EU           OC           OU          MC         MU       CCSC      CCSU     YGC     YGCT     FGC    FGCT     CGC    CGCT       GCT   
     2176.0      2176.0         0.0         0.0      17472.0          0.0      43712.0       4362.1      320.0      132.2     128.0       3.8     16     0.046     3     0.004     -         -     0.051
`,
  capacity: `   NGCMN        NGCMX         NGC          S0C     S1C              EC         OGCMN        OGCMX         OGC           OC         MCMN       MCMX        MC       CCSMN     CCSMX     CCSC     YGC    FGC   CGC 
     21824.0      21824.0      21824.0      2176.0      2176.0      17472.0      43712.0      43712.0      43712.0      43712.0        0.0  1114112.0      320.0       0.0 1048576.0     128.0     16     3     -
`,
};
const zgc = `    S0C         S1C         S0U         S1U          EC           EU           OC           OU          MC         MU       CCSC      CCSU     YGC     YGCT     FGC    FGCT     CGC    CGCT       GCT   
          -           -           -           -            -            -      65536.0       6144.0      320.0      131.6     128.0       4.3      -         -     -         -    36     0.000     0.000
`;

describe("jstat", () => {
  test("the table is read, what a collector does not have is left out", () => {
    expect(parseJstat(serial.gc)).toMatchObject({ OC: 43_712, OU: 4362.1, YGC: 16, YGCT: 0.046, FGC: 3 });
    expect(parseJstat(serial.gc)).not.toHaveProperty("CGC");
    expect(parseJstat(zgc)).not.toHaveProperty("EU");
    expect(parseJstat(serial.gc.replaceAll(".", ","))).toMatchObject({ OU: 4362.1 });
  });

  test("how full the generations are", () => {
    expect(spaceRates({ OC: 200, OU: 50, S0C: 10, S1C: 10, EC: 80, S0U: 0, S1U: 5, EU: 20 })).toEqual({
      oldSpaceRate: 25,
      newSpaceRate: 25,
    });
    expect(spaceRates(parseJstat(zgc))).toEqual({ oldSpaceRate: 9.375 });
  });

  test("a process is found by its whole name, its class or its jar", () => {
    const list = "14661 org.example.shop.Main\n14662 /opt/app/shop.jar\n15241 jdk.jcmd/sun.tools.jps.Jps\n";
    expect(["org.example.shop.Main", "Main", "shop.jar", "shop", ""].map((name) => findProcess(list, name))).toEqual([
      "14661",
      "14661",
      "14662",
      undefined,
      undefined,
    ]);
  });

  test("any output is refused or gives numbers", () => {
    const isExpected = (error: unknown): boolean => error instanceof HinobanError && error.code === "invalid-input";
    const parse = (input: Buffer): void => {
      if (!Object.values(parseJstat(input.toString("latin1"))).every(Number.isFinite)) throw new Error("a figure is no number");
    };
    const { taken, refused } = fuzz([serial.gc, zgc], parse, isExpected, { runs: 50_000 });
    expect(Math.min(taken, refused)).toBeGreaterThan(1000);
  });

  /** An integration whose jps and jstat are functions. */
  function rig(run: RunProgram): { round(): Promise<Collected> } {
    const clock = new FakeClock();
    const config: IntegrationConfig = {
      kind: "jvm",
      name: "jvm.Shop",
      options: { main_class: "Main" },
      file: "agent.conf",
      line: 1,
      lineOf: () => 1,
    };
    const log = createLog(() => undefined, clock);
    const deps = {
      clock,
      log,
      reader: new MachineReader(clock),
      platform: "linux",
      stateFolder: () => Promise.reject(new Error("no state")),
    };
    const integration = makeJvm(new Options({ ...config, label: "integrations.jvm.Shop" }, log.warn), deps, config, run);
    return {
      round: async () => {
        const found = await integration.collect(new AbortController().signal);
        await clock.advance(minutes(1));
        return found;
      },
    };
  }

  test("metrics carry the names of mackerel-plugin-jvm; jps is asked once, and again when the program is gone", async () => {
    let pid = "14661";
    const asked: string[] = [];
    const java = rig(([program = "", option, wanted]) => {
      asked.push(program);
      if (program === "jps") return Promise.resolve({ code: 0, stdout: `${pid} org.example.Main\n`, stderr: "" });
      if (wanted !== pid) return Promise.resolve({ code: 1, stdout: "", stderr: `${wanted} not found\n` });
      return Promise.resolve({ code: 0, stdout: option === "-gc" ? serial.gc : serial.capacity, stderr: "" });
    });
    await java.round();
    expect((await java.round()).metrics).toMatchObject({
      "custom.jvm.shop.gc_events.YGC": 0,
      "custom.jvm.shop.gc_time_percentage.FGCT": 0,
      "custom.jvm.shop.old_space.OU": 4362.1 * 1024,
      "custom.jvm.shop.new_space.NGCMX": 21_824 * 1024,
      "custom.jvm.shop.metaspace.MU": 132.2 * 1024,
    });
    expect(asked.filter((program) => program === "jps")).toHaveLength(1);
    pid = "20000";
    await expect(java.round()).rejects.toThrow("jstat cannot look into process 14661: 14661 not found");
    expect((await java.round()).metrics).toHaveProperty(["custom.jvm.shop.old_space.OU"]);
  });

  test("a program that does not run is told", async () => {
    const java = rig(() => Promise.resolve({ code: 0, stdout: "1 Other\n", stderr: "" }));
    await expect(java.round()).rejects.toThrow("No Java program Main runs that this user may see");
  });
});

const answer = (status: number, value: unknown): object => ({ request: {}, value, timestamp: 1_795_300_000, status });
const usage = { init: 264_241_152, committed: 264_241_152, max: 4_206_886_912, used: 31_457_280 };
const answers = (collections: number): string =>
  JSON.stringify([
    answer(200, { ObjectPendingFinalizationCount: 0, Verbose: false, HeapMemoryUsage: usage, NonHeapMemoryUsage: { ...usage, max: -1 } }),
    answer(200, { LoadedClassCount: 5000, UnloadedClassCount: 2, TotalLoadedClassCount: 5002, Verbose: false }),
    answer(200, { ThreadCount: 20, DaemonThreadCount: 15, PeakThreadCount: 22 }),
    answer(200, { ProcessCpuLoad: 0.25, SystemCpuLoad: -1, OpenFileDescriptorCount: 88 }),
    answer(200, { Uptime: 90_000 }),
    answer(200, {
      "java.lang:name=G1 Young Generation,type=GarbageCollector": { CollectionCount: collections, CollectionTime: collections * 10 },
      "java.lang:name=G1 Old Generation,type=GarbageCollector": { CollectionCount: 0, CollectionTime: 0 },
    }),
  ]);

describe("Jolokia", () => {
  const servers: http.Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  async function serve(reply: (authorization: string | undefined, body: string) => { status?: number; text: string }): Promise<string> {
    const server = http.createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString("utf8")));
      request.on("end", () => {
        const { status = 200, text } = reply(request.headers.authorization, body);
        response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(text);
      });
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    // listening on a port, not on a pipe
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/jolokia/`;
  }

  test("heap, threads, classes, load and collections, in one request with a password", async () => {
    let collections = 100;
    const bodies: string[] = [];
    const url = await serve((authorization, body) => {
      bodies.push(body);
      return authorization === `Basic ${Buffer.from("watcher:secret").toString("base64")}`
        ? { text: answers((collections += 6)) }
        : { status: 401, text: "" };
    });
    const rig = new IntegrationRig("jvm", { url, user: "watcher", password: "secret" });
    await rig.round();
    const found = await rig.round();
    expect(found.metrics).toMatchObject({
      "custom.jmx.jolokia.memory.heap_memory_usage.HeapMemoryUsed": 31_457_280,
      "custom.jmx.jolokia.thread.ThreadCount": 20,
      "custom.jmx.jolokia.class_load.LoadedClassCount": 5000,
      "custom.jmx.jolokia.ops.cpu_load.ProcessCpuLoad": 25,
      "custom.jmx.jolokia.uptime.seconds": 90,
      "custom.jmx.jolokia.gc.G1_Young_Generation.count": 6,
      "custom.jmx.jolokia.gc.G1_Young_Generation.milliseconds": 60,
    });
    for (const name of ["memory.non_heap_memory_usage.NonHeapMemoryMax", "ops.cpu_load.SystemCpuLoad"])
      expect(found.metrics).not.toHaveProperty([`custom.jmx.jolokia.${name}`]);
    expect(rig.undefinedNames(found)).toEqual([]);
    expect(bodies).toHaveLength(2);
    expect(await new IntegrationRig("jvm", { url, user: "watcher", password: "guessed" }).trouble()).toMatch(/another user or password/u);
  });

  test("a refusing policy and another page are told", async () => {
    const denied = JSON.stringify([{ status: 403, error: "Reading attribute HeapMemoryUsage is forbidden" }]);
    expect(await new IntegrationRig("jvm", { url: await serve(() => ({ text: denied })) }).trouble()).toMatch(
      /policy does not allow it: Reading/u,
    );
    expect(await new IntegrationRig("jvm", { url: await serve(() => ({ text: "<html>" })) }).trouble()).toMatch(/not Jolokia's/u);
  });

  test("any answer is refused or gives numbers", () => {
    const isExpected = (error: unknown): boolean => error instanceof HinobanError;
    const parse = (input: Buffer): void => {
      const { figures, collectors } = parseJolokia(input.toString("latin1"));
      if (!Object.values({ ...figures, ...collectors }).every(Number.isFinite)) throw new Error("a figure is no number");
    };
    expect(fuzz([answers(5)], parse, isExpected, { runs: 50_000 }).taken).toBeGreaterThan(100);
  });
});

test("one source must be named", () => {
  expect(() => new IntegrationRig("jvm", {})).toThrow("set one of url (Jolokia), pid_file and main_class");
});
