import { describe, expect, test } from "vitest";
import { minutes, unixMs, unixSeconds } from "#base/duration";
import { HinobanError } from "#base/errors";
import { FixtureReader } from "#test/agent/fixture-reader";
import { damaged, neverAborted, optionsOf, repeatable, sectionOf } from "#test/agent/integration-rig";
import { FakeClock } from "#test/fake-clock";
import { cloudKinds, graphDefsOf, metricName, metricsOf } from "./catalogue.ts";
import { instanceRole, keptCredentials, parseSharedCredentials } from "./credentials.ts";
import { makeCloudwatch } from "./index.ts";
import { Outbox } from "./outbox.ts";
import type { CloudRequest } from "./transport.ts";
import { child, listOf, parseXml, textOf } from "./xml.ts";

const noSend = (): Promise<never> => Promise.reject(new Error("nothing may be sent"));
const outside = { send: noSend, random: () => 0 };

describe("answers as XML", () => {
  const text = `<?xml version="1.0"?>
<!-- a proxy's mark -->
<DescribeDBInstancesResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/">
  <DescribeDBInstancesResult>
    <DBInstances><DBInstance><DBInstanceIdentifier>shop&amp;co &#x65E5;&#26412;</DBInstanceIdentifier><ReadReplicas/></DBInstance></DBInstances>
  </DescribeDBInstancesResult>
</DescribeDBInstancesResponse>`;

  test("are read with their entities, empty elements and lists", () => {
    const [instance] = listOf(parseXml(text), "DescribeDBInstancesResult", "DBInstances");
    expect(textOf(instance, "DBInstanceIdentifier")).toBe("shop&co 日本");
    expect(child(instance, "ReadReplicas")?.children).toEqual([]);
    expect(textOf(instance, "Missing")).toBeUndefined();
    expect(textOf(parseXml("<a><![CDATA[1 < 2 & 3]]></a>"))).toBe("1 < 2 & 3");
  });

  test.each([
    '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    "<a>&b;</a>",
    "<a>&#0;</a>",
    "<a>&#x110000;</a>",
    "<a><b></a></b>",
    "<a>",
    "<a/><b/>",
    "text",
    "",
    `${"<a>".repeat(40)}${"</a>".repeat(40)}`,
  ])("%s is refused", (wrong) => {
    expect(() => parseXml(wrong)).toThrow(HinobanError);
  });

  test("200,000 damaged answers are read or refused", () => {
    const random = repeatable(3);
    for (let round = 0; round < 200_000; round += 1) {
      try {
        parseXml(damaged(text, random));
      } catch (error) {
        if (!(error instanceof HinobanError)) throw error;
      }
    }
  });

  test("an answer of many elements that never close is refused quickly and does not grow", () => {
    expect(() => parseXml("<a><b/>".repeat(1_000_000))).toThrow("not XML");
    expect(() => parseXml(`<a>${"<b/>".repeat(300_000)}</a>`)).toThrow("more than 200000 elements");
  });
});

describe("keys", () => {
  const file =
    "# mine\n[default]\naws_access_key_id = AKIADEFAULT000000\naws_secret_access_key=abc/+=\n\n[profile shop]\naws_access_key_id=ASIASHOP000000000\naws_secret_access_key=x\naws_session_token=t=\n[empty]\nregion=a\n";

  test("are read from a shared credentials file by profile", () => {
    expect(parseSharedCredentials(file, "default")?.secretAccessKey.reveal()).toBe("abc/+=");
    expect(parseSharedCredentials(file, "shop")).toMatchObject({ accessKeyId: "ASIASHOP000000000" });
    expect(parseSharedCredentials(file, "shop")?.sessionToken?.reveal()).toBe("t=");
    expect(parseSharedCredentials(file, "empty")).toBeUndefined();
    expect(parseSharedCredentials(file, "other")).toBeUndefined();
  });

  test("200,000 damaged credentials files are read without an exception", () => {
    const random = repeatable(5);
    for (let round = 0; round < 200_000; round += 1) parseSharedCredentials(damaged(file, random), "shop");
  });

  test("temporary ones are kept until five minutes before their end", async () => {
    const clock = new FakeClock();
    let asked = 0;
    const source = keptCredentials(clock, async () => {
      asked += 1;
      return { ...required(parseSharedCredentials(file, "shop")), expiresAt: unixMs(clock.now() + minutes(60)) };
    });
    await source.get(neverAborted());
    await clock.advance(minutes(54));
    await source.get(neverAborted());
    expect(asked).toBe(1);
    await clock.advance(minutes(2));
    await source.get(neverAborted());
    expect(asked).toBe(2);
    source.forget();
    await source.get(neverAborted());
    expect(asked).toBe(3);
  });

  test("those of an instance's role come by version 2 of the metadata service, and nothing is asked without its token", async () => {
    const clock = new FakeClock();
    const seen: string[] = [];
    const send = async ({ method, url, headers }: CloudRequest): Promise<{ status: number; text: string }> => {
      seen.push(`${method} ${url.pathname}`);
      if (method === "PUT") return { status: 200, text: "the-token" };
      if (headers["x-aws-ec2-metadata-token"] !== "the-token") return { status: 401, text: "" };
      if (url.pathname.endsWith("/")) return { status: 200, text: "monitoring\n" };
      const told = {
        Code: "Success",
        AccessKeyId: "ASIAINSTANCE00000",
        SecretAccessKey: "s",
        Token: "t",
        Expiration: "2026-01-05T06:00:00Z",
      };
      return { status: 200, text: JSON.stringify(told) };
    };
    const found = await instanceRole(new URL("http://169.254.169.254"), clock, send).get(neverAborted());
    expect(found).toMatchObject({ accessKeyId: "ASIAINSTANCE00000", expiresAt: Date.UTC(2026, 0, 5, 6) });
    expect(seen).toEqual([
      "PUT /latest/api/token",
      "GET /latest/meta-data/iam/security-credentials/",
      "GET /latest/meta-data/iam/security-credentials/monitoring",
    ]);
    const none = instanceRole(new URL("http://169.254.169.254"), clock, async () => ({ status: 404, text: "" }));
    await expect(none.get(neverAborted())).rejects.toThrow("has this instance a role?");
  });
});

const required = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error("missing");
  return value;
};

describe("options", () => {
  const make = (values: Readonly<Record<string, unknown>>): unknown =>
    makeCloudwatch(
      optionsOf(values, "cloudwatch.shop"),
      { clock: new FakeClock(), reader: new FixtureReader() },
      sectionOf("cloudwatch.shop", values),
      outside,
    );

  test("a region and one way to a key are enough", () => {
    expect(make({ regions: "ap-northeast-1", credentials_file: "/root/.aws/credentials" })).toMatchObject({ name: "cloudwatch.shop" });
    expect(make({ regions: ["us-east-1"], instance_role: true, role_arn: "arn:aws:iam::123456789012:role/a/b" })).toBeDefined();
    expect(make({ regions: ["us-east-1"], access_key_id: "AKIAIOSFODNN7EXAMPLE", secret_access_key_env: "AWS" })).toBeDefined();
  });

  test.each([
    [{ credentials_file: "/f" }, "regions"],
    [{ regions: ["tokyo"], credentials_file: "/f" }, "region like ap-northeast-1"],
    [{ regions: ["us-east-1"] }, "another key is missing"],
    [{ regions: ["us-east-1"], credentials_file: "/f", instance_role: true }, "stands beside another key"],
    [{ regions: ["us-east-1"], access_key_id: "AKIAIOSFODNN7EXAMPLE" }, "secret_access_key_env"],
    [{ regions: ["us-east-1"], access_key_id: "short", secret_access_key: "x" }, "16-128 letters"],
    [{ regions: ["us-east-1"], credentials_file: "/f", kinds: ["rds", "s3"] }, "rds, elb, alb"],
    [{ regions: ["us-east-1"], credentials_file: "/f", role_arn: "monitoring" }, "arn:aws:iam::123456789012"],
    [{ regions: ["us-east-1"], credentials_file: "/f", external_id: "x" }, "set `role_arn`, too"],
    [{ regions: ["us-east-1"], credentials_file: "/f", roles: ["shop"] }, "My-Service:db"],
    [{ regions: ["us-east-1"], credentials_file: "/f", service: "shop", roles: ["shop:db"] }, "leave out `service` or `roles`"],
    [{ regions: ["us-east-1"], credentials_file: "/f", include: ["("] }, "regular expression"],
    [{ regions: ["us-east-1"], credentials_file: "/f", every_minutes: 0 }, "from 1 to 60"],
  ])("%o is refused with a sentence that names the line", (values, sentence) => {
    expect(() => make(values)).toThrow(HinobanError);
    expect(() => make(values)).toThrow(new RegExp(`agent\\.conf line \\d+, integrations\\.cloudwatch\\.shop\\..*${escape(sentence)}`, "u"));
  });

  const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/gu, "\\$&");

  test("a refused secret is not repeated", () => {
    expect(() =>
      make({ regions: ["us-east-1"], access_key_id: "AKIAIOSFODNN7EXAMPLE", secret_access_key: "hush", secret_access_key_env: "A" }),
    ).toThrow(/^(?!.*hush)/su);
  });
});

test("every metric stands in the definition of a graph", () => {
  const defined = graphDefsOf(cloudKinds).flatMap(({ metrics }) =>
    Array.isArray(metrics) ? metrics.map(({ name }: { name: string }) => name) : [],
  );
  for (const kind of cloudKinds) for (const metric of metricsOf[kind]) expect(defined).toContain(metricName(kind, metric));
  expect(new Set(defined).size).toBe(defined.length);
});

test("values leave in portions and in order, and the oldest go when too many wait", () => {
  const outbox = new Outbox();
  const points = (count: number): { name: string; time: ReturnType<typeof unixSeconds>; value: number }[] =>
    Array.from({ length: count }, (_, at) => ({ name: "custom.a.b", time: unixSeconds(at * 60), value: at }));
  outbox.add({ customIdentifier: "a" }, points(3));
  outbox.add({ customIdentifier: "b" }, points(2));
  expect(outbox.take(4).map(({ customIdentifier, points: taken = [] }) => `${customIdentifier}${taken.length}`)).toEqual(["a3", "b1"]);
  expect(outbox.take(4).map(({ points: taken = [] }) => taken.map(({ value }) => value))).toEqual([[1]]);
  expect(outbox.take(4)).toEqual([]);
  for (let round = 0; round < 6; round += 1) outbox.add({ customIdentifier: `c${round}` }, points(50_000));
  expect(outbox.dropped).toBe(50_000);
  expect(outbox.take(1)[0]?.customIdentifier).toBe("c1");
});
