import { describe, expect, test } from "vitest";
import { HinobanError } from "#base/errors";
import { fuzz } from "#test/fuzz";
import { parseClusterInfo, parseInfo } from "./info.ts";
import { encodeCommand, RedisRefusal, ReplyParser, type Reply } from "./resp.ts";

const info = [
  "# Server",
  "redis_version:7.0.15",
  "uptime_in_seconds:86400",
  "",
  "# Clients",
  "connected_clients:3",
  "maxclients:10000",
  "# Memory",
  "used_memory:1048576",
  "used_memory_human:1.00M",
  "allocator_frag_ratio:1.05",
  "# Replication",
  "role:master",
  "connected_slaves:2",
  "slave0:ip=192.0.2.7,port=6379,state=online,offset=900,lag=1",
  "slave1:ip=2001:db8::8,port=6379,state=wait_bgsave,offset=0,lag=0",
  "master_repl_offset:1000",
  "# Keyspace",
  "db0:keys=10,expires=4,avg_ttl=0",
  "db9:keys=5,expires=1,avg_ttl=0,subexpiry=0",
  "",
].join("\r\n");

describe("RESP", () => {
  const all = (text: string, piece: number): readonly Reply[] => {
    const parser = new ReplyParser();
    const bytes = Buffer.from(text);
    const replies: Reply[] = [];
    for (let at = 0; at < bytes.length; at += piece) replies.push(...parser.push(bytes.subarray(at, at + piece)));
    return replies;
  };
  const stream = `+OK\r\n:42\r\n$5\r\nhé\r\n\r\n$-1\r\n*2\r\n$9\r\nmaxmemory\r\n$1\r\n0\r\n*0\r\n-NOAUTH Authentication required.\r\n`;

  test.each([1, 2, 7, 1000])("answers are the same however the stream is cut (%i bytes)", (piece) => {
    expect(all(stream, piece)).toEqual([
      "OK",
      42,
      "hé\r\n",
      undefined,
      ["maxmemory", "0"],
      [],
      new RedisRefusal("NOAUTH Authentication required."),
    ]);
  });

  test("a command is an array of strings with their lengths in bytes", () => {
    expect(encodeCommand(["AUTH", "pässword"]).toString()).toBe("*2\r\n$4\r\nAUTH\r\n$9\r\npässword\r\n");
  });

  test("other protocols, and lengths beyond the limits, end at once", () => {
    for (const text of ["HTTP/1.1 400 Bad Request\r\n", "$4x\r\n", ":1.5\r\n", "*1\r\n".repeat(20), "$3\r\nabcdef\r\n"])
      expect(() => all(text, 1000)).toThrow("no Redis");
    for (const text of ["$99999999\r\n", "*9999999\r\n", `+${"x".repeat(70_000)}`, "$1000000\r\n" + "x".repeat(1_100_000)])
      expect(() => all(text, 10_000)).toThrow(HinobanError);
  });

  test("broken streams are refused or give answers, without keeping more than the limit", () => {
    const isExpected = (error: unknown): boolean =>
      error instanceof HinobanError && (error.code === "bad-request" || error.code === "too-large");
    const { taken, refused } = fuzz([stream, `$${info.length}\r\n${info}\r\n`], (input) => new ReplyParser().push(input), isExpected);
    expect(Math.min(taken, refused)).toBeGreaterThan(1000);
  });
});

describe("INFO", () => {
  test("numbers by their keys, key counts over all databases, replicas with what they are behind", () => {
    const { figures, replicas, role } = parseInfo(info);
    expect(role).toBe("master");
    expect(figures).toMatchObject({ uptime_in_seconds: 86_400, connected_clients: 3, keys: 15, expires: 5, allocator_frag_ratio: 1.05 });
    expect(figures).not.toHaveProperty("used_memory_human");
    expect(replicas).toEqual([
      { name: "slave0", lag: 1, behind: 100 },
      { name: "slave1", lag: 0, behind: 1000 },
    ]);
  });

  test("a replica tells whether it hears its master", () => {
    expect(parseInfo("role:slave\r\nmaster_link_status:down\r\n").figures).toMatchObject({ master_link_up: 0 });
    expect(parseInfo("role:slave\r\nmaster_link_status:up\r\n").figures).toMatchObject({ master_link_up: 1 });
  });

  test("CLUSTER INFO gives its state as a number", () => {
    expect(parseClusterInfo("cluster_state:ok\r\ncluster_slots_ok:16384\r\ncluster_size:3\r\n")).toEqual({
      cluster_state: 1,
      cluster_slots_ok: 16_384,
      cluster_size: 3,
    });
    expect(parseClusterInfo("cluster_state:fail\r\n")).toEqual({ cluster_state: 0 });
  });

  test("any text gives finite numbers", () => {
    const parse = (input: Buffer): void => {
      const { figures } = parseInfo(input.toString("latin1"));
      if (!Object.values({ ...figures, ...parseClusterInfo(input.toString("latin1")) }).every(Number.isFinite))
        throw new Error("a figure is no number");
    };
    expect(fuzz([info], parse, () => false).refused).toBe(0);
  });
});
