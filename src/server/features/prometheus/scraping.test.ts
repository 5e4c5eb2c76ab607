import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { seconds } from "#base/duration";
import { openExporterRig, type ExporterRig } from "#test/exporter-rig";
import { withPeople } from "#test/people";
import type { TargetInput } from "#wire/prometheus";
import { changeTarget } from "./change-target.ts";
import { createTarget } from "./create-target.ts";
import { deleteTarget } from "./delete-target.ts";

const people = withPeople();
let rig: ExporterRig;

beforeAll(async () => {
  rig = await openExporterRig(people);
});
afterAll(() => rig.close());

const input = (url: string, more: Partial<TargetInput> = {}): TargetInput => ({
  url,
  isEnabled: true,
  intervalSeconds: 60,
  timeoutSeconds: 10,
  hostName: "",
  auth: "none",
  userName: "",
  verifiesTls: true,
  labels: [],
  ...more,
});
const page = (text: string, contentType = "text/plain; version=0.0.4") => ({ status: 200, contentType, text });
const scrape = async (of: ExporterRig = rig): Promise<void> => {
  await of.scraper.look();
  await of.scraper.settled();
};
const listed = async (name: string) => {
  const answer = await fetch(`${rig.url}/api/v1/orgs/first/prometheus/targets?limit=200`, { headers: { "x-api-key": rig.key } });
  const { targets } = (await answer.json()) as { targets: { url: string; lastError?: string }[] };
  return targets.find((target) => target.url.includes(name));
};

describe("a scrape target", () => {
  test("is scraped at once and then by its interval, by one server", async () => {
    const url = "http://web1:9100/metrics";
    rig.reader.put(url, page('# TYPE hits counter\nhits{a="b"} 10\nnode_load1 0.5\n'));
    const other = await openExporterRig(people, { store: rig.store });
    other.reader.put(url, page("node_load1 0.5\n"));
    const { id } = await createTarget(rig.prometheus, people.first.actor, input(url));
    await Promise.all([scrape(), scrape(other)]);
    expect(rig.reader.requests.length + other.reader.requests.length).toBe(1);
    await people.clock.advance(seconds(59));
    await Promise.all([scrape(), scrape(other)]);
    expect(rig.reader.requests.length + other.reader.requests.length).toBe(1);
    await people.clock.advance(seconds(1));
    await Promise.all([scrape(), scrape(other)]);
    expect(rig.reader.requests.length + other.reader.requests.length).toBe(2);
    await other.close();
    const host = await rig.hostId("web1");
    expect(await rig.names(host)).toContain("loadavg1");
    expect(await listed("web1")).toMatchObject({ id, state: "up", hostId: host });
    const { rows } = await people.owner.query("select status from inventory_check where host_id = $1", [host]);
    expect(rows).toEqual([{ status: "OK" }]);
    await deleteTarget(rig.prometheus, people.first.actor, id);
  });

  test("carries its own labels, host and credentials, and reads OpenMetrics", async () => {
    const url = "https://10.0.0.5:8443/m";
    rig.reader.put(url, page('# TYPE jobs gauge\njobs{env="test",q="mail"} 4\n# EOF\n', "application/openmetrics-text; version=1.0.0"));
    const auth = { auth: "basic", userName: "prom", secret: "pässword" } as const;
    const { id } = await createTarget(
      rig.prometheus,
      people.first.actor,
      input(url, { ...auth, hostName: "queue1", labels: [{ name: "env", value: "prod" }] }),
    );
    await scrape();
    expect(rig.reader.requests.at(-1)?.headers["authorization"]).toBe(`Basic ${Buffer.from("prom:pässword").toString("base64")}`);
    expect(await rig.names(await rig.hostId("queue1"))).toEqual(["custom.prometheus.jobs.prod.test.mail"]);
    const { rows } = await people.owner.query<{ secret: Buffer }>("select secret from prometheus_target where id = $1", [id]);
    expect(rows[0]?.secret.toString("utf8")).not.toContain("pässword");
    expect(JSON.stringify(await listed("10.0.0.5"))).not.toContain("pässword");
    await deleteTarget(rig.prometheus, people.first.actor, id);
  });

  test.each([
    ["nobody answers", "http://gone:1/", undefined, /refused/u],
    ["a redirect", "http://moved:1/", { status: 302, contentType: "", text: "" }, /HTTP 302.*not followed/u],
    ["a page for eyes", "http://html:1/", page("<html>", "text/html"), /line 1/u],
    ["half a page of OpenMetrics", "http://half:1/", page("a 1\n", "application/openmetrics-text"), /cut off/u],
    ["an address that is not allowed", "http://169.254.169.254/latest/", undefined, /not allowed/u],
  ])("says what is wrong: %s", async (_what, url, answer, problem) => {
    if (answer) rig.reader.put(url, answer);
    const { id } = await createTarget(rig.prometheus, people.first.actor, input(url));
    await scrape();
    expect((await listed(new URL(url).hostname))?.lastError).toMatch(problem);
    await deleteTarget(rig.prometheus, people.first.actor, id);
  });

  test("turns its check critical when it falls silent", async () => {
    const url = "http://app:8080/metrics";
    rig.reader.put(url, page("a 1\n"));
    const { id } = await createTarget(rig.prometheus, people.first.actor, input(url));
    await scrape();
    rig.reader.remove(url);
    await people.clock.advance(seconds(60));
    await scrape();
    const { rows } = await people.owner.query("select name, status, message from inventory_check where host_id = $1", [
      await rig.hostId("app"),
    ]);
    expect(rows).toEqual([{ name: `scrape ${url}`, status: "CRITICAL", message: "The connection was refused." }]);
    await deleteTarget(rig.prometheus, people.first.actor, id);
  });

  test("is taken over when a server ends in the middle of a scrape", async () => {
    const url = "http://left:1/metrics";
    rig.reader.put(url, page("a 1\n"));
    const { id } = await createTarget(rig.prometheus, people.first.actor, input(url, { intervalSeconds: 15 }));
    await people.owner.query("select * from hinoban_lease_prometheus_targets($1, 10)", [people.clock.now()]); // by a server that is no more
    const before = rig.reader.requests.length;
    await people.clock.advance(seconds(15));
    await scrape();
    expect(rig.reader.requests.length).toBe(before);
    await people.clock.advance(seconds(30));
    await scrape();
    expect(rig.reader.requests.length).toBe(before + 1);
    await deleteTarget(rig.prometheus, people.first.actor, id);
  });

  test("is one act to add, change and delete, and refused to a viewer and to an agent's key", async () => {
    await people.acts();
    const { id } = await createTarget(rig.prometheus, people.first.actor, input("http://acts:1/", { isEnabled: false }));
    await changeTarget(rig.prometheus, people.first.actor, id, input("http://acts:2/", { isEnabled: false }));
    await changeTarget(rig.prometheus, people.first.actor, id, input("http://acts:2/", { isEnabled: false }));
    await deleteTarget(rig.prometheus, people.first.actor, id);
    expect((await people.acts()).map((act) => [act.verb, act.object, act.detail["fields"]])).toEqual([
      ["scrape-target.created", `scrape-target:${id}`, undefined],
      ["scrape-target.changed", `scrape-target:${id}`, ["url"]],
      ["scrape-target.deleted", `scrape-target:${id}`, undefined],
    ]);
    const viewer = (await people.join(people.first, "viewer")).actor;
    await expect(createTarget(rig.prometheus, viewer, input("http://x/"))).rejects.toMatchObject({ code: "forbidden" });
    await expect(changeTarget(rig.prometheus, viewer, id, input("http://x/"))).rejects.toMatchObject({ code: "forbidden" });
    await expect(deleteTarget(rig.prometheus, viewer, id)).rejects.toMatchObject({ code: "forbidden" });
    await expect(deleteTarget(rig.prometheus, people.first.actor, id)).rejects.toMatchObject({ code: "not-found" });
    const headers = { "content-type": "application/json" };
    expect((await rig.post("/api/v1/orgs/first/prometheus/targets", JSON.stringify(input("http://x/")), headers)).status).toBe(403);
    const administering = await rig.newKey(people.first, "administer");
    const asked = await rig.post("/api/v1/orgs/first/prometheus/targets/try", JSON.stringify(input("http://gone:1/")), {
      ...headers,
      "x-api-key": administering,
    });
    expect(JSON.parse(asked.text)).toMatchObject({ ok: false, error: "The connection was refused." });
  });

  test("gives its password to no other server than the one it was typed for", async () => {
    const secret = { auth: "bearer", secret: "token" } as const;
    const { id } = await createTarget(rig.prometheus, people.first.actor, input("https://own/", { ...secret, isEnabled: false }));
    const elsewhere = input("https://elsewhere/", { auth: "bearer" });
    expect(() => createTarget(rig.prometheus, people.first.actor, elsewhere)).toThrow("secret: must be given");
    await expect(changeTarget(rig.prometheus, people.first.actor, id, elsewhere)).rejects.toThrow("typed again");
    await expect(
      changeTarget(rig.prometheus, people.first.actor, id, input("https://own/other", { auth: "bearer", isEnabled: false })),
    ).resolves.toMatchObject({ hasSecret: true });
    await deleteTarget(rig.prometheus, people.first.actor, id);
  });

  test.each([
    [{ url: "http://user:pw@a/" }, "url"],
    [{ timeoutSeconds: 60 }, "timeoutSeconds"],
    [{ auth: "basic", secret: "x" }, "userName"],
    [
      {
        labels: [
          { name: "a", value: "1" },
          { name: "a", value: "2" },
        ],
      },
      "labels",
    ],
  ] as const)("is refused with what is wrong: %j", async (more, field) => {
    expect(() => createTarget(rig.prometheus, people.first.actor, input("http://a/", more as Partial<TargetInput>))).toThrow(field);
  });
});
