import { beforeEach, describe, expect, test } from "vitest";
import { hours, millis, minutes, seconds, unixMs } from "#base/duration";
import { withRig } from "#test/inventory-rig";
import { monitorRig } from "#test/monitor-rig";
import type { JudgedProbe } from "#features/monitors";

/* How rules other than those about metrics of hosts judge: services, connectivity, checks, expressions, and what probes find. */

const rig = withRig();
const { rule, change, remove, host, post, alerts, minute } = monitorRig(rig);
const clock = rig.people.clock;
let count = 0;

beforeEach(async () => {
  await clock.advance(millis(60_000 - (clock.now() % 60_000)));
  count += 1;
});

const letters: Readonly<Record<string, string>> = { WARNING: "W", CRITICAL: "C", UNKNOWN: "U" };
const letterOf = async (id: string, key = ""): Promise<string> => {
  const open = (await alerts(id)).find((alert) => alert.isOpen && (key === "" || alert.key === key));
  return letters[open?.status ?? ""] ?? ".";
};
const organisation = (): string => rig.people.first.actor.organisationId;
const open = async (id: string) => (await alerts(id)).filter((alert) => alert.isOpen);

describe("a service rule", () => {
  const settings = (service: string, extra: object = {}) => ({
    type: "service",
    name: "errors",
    service,
    metric: "access.5xx",
    operator: ">",
    warning: 10,
    critical: 100,
    duration: 1,
    ...extra,
  });
  const serviceNamed = async (): Promise<string> => {
    await rig.ask("POST", "/api/v0/services?", { body: { name: `S${count}x`, memo: "" } });
    return `S${count}x`;
  };
  const postTo = async (service: string, value: number): Promise<void> => {
    await rig.ask("POST", `/api/v0/services/${service}/tsdb?`, { body: [{ name: "access.5xx", time: rig.now(), value }] });
    await rig.monitors.settled();
  };
  /** Time passes, and servers listen all the while. */
  const pass = async (times: number): Promise<void> => {
    for (let i = 0; i < times; i++) {
      await clock.advance(minutes(1));
      await rig.inventory.listening.beat();
    }
    await rig.monitors.periodic.look();
    await rig.monitors.settled();
  };

  test("judges points like one about hosts", async () => {
    const service = await serviceNamed();
    const id = await rule(settings(service, { maxCheckAttempts: 2 }));
    const seen: string[] = [];
    for (const value of [50, 50, 500, 5]) {
      await clock.advance(minutes(1));
      await postTo(service, value);
      seen.push(await letterOf(id));
    }
    expect(seen.join(" ")).toBe(". W C .");
    await remove(id);
  });

  test("tells when a metric that came once stays away, first as a warning, and that it is back", async () => {
    const service = await serviceNamed();
    const id = await rule(settings(service, { missingDurationWarning: 10, missingDurationCritical: 30 }));
    await rig.inventory.listening.beat();
    await pass(15);
    expect(await letterOf(id)).toBe("."); // it never came
    await postTo(service, 1);
    await pass(10);
    expect(await letterOf(id)).toBe(".");
    await pass(1);
    expect((await open(id))[0]).toMatchObject({ status: "WARNING", message: "errors no data for 11 minutes" });
    await pass(20);
    expect(await letterOf(id)).toBe("C");
    await postTo(service, 1);
    expect(await letterOf(id)).toBe(".");
    await remove(id);
  });

  test("may watch for missing points alone", async () => {
    const service = await serviceNamed();
    const id = await rule(settings(service, { warning: null, critical: null, missingDurationCritical: 10 }));
    await postTo(service, 99_999);
    expect(await letterOf(id)).toBe(".");
    await pass(11);
    expect(await letterOf(id)).toBe("C");
    await remove(id);
  });

  test("does not take an outage of the server for one of the metric", async () => {
    const service = await serviceNamed();
    const id = await rule(settings(service, { missingDurationWarning: 10 }));
    await rig.inventory.listening.beat();
    await postTo(service, 1);
    await clock.advance(hours(2));
    await pass(5);
    expect(await letterOf(id)).toBe(".");
    await pass(6);
    expect(await letterOf(id)).toBe("W");
    await remove(id);
  });
});

describe("connectivity", () => {
  const pass = async (times: number, reporting: readonly string[] = []): Promise<void> => {
    for (let i = 0; i < times; i++) {
      await clock.advance(minutes(1));
      await rig.inventory.listening.beat();
      for (const id of reporting) await post(id, { loadavg5: 1 });
    }
    await rig.inventory.lastSeen.flush();
    await rig.monitors.periodic.judgeSilence(organisation(), clock.now());
  };

  test("is a rule that every organisation has at first, made once", async () => {
    await rig.monitors.periodic.look();
    const { monitors } = (await rig.ask("GET", "/api/v0/monitors?")).json;
    const found = monitors.filter(({ type }: { type: string }) => type === "connectivity");
    expect(found).toEqual([
      expect.objectContaining({ name: "connectivity", alertStatusOnGone: "CRITICAL", scopes: [], excludeScopes: [] }),
    ]);
    await remove(found[0].id);
    await minute();
    const after = (await rig.ask("GET", "/api/v0/monitors?")).json.monitors;
    expect(after.some(({ type }: { type: string }) => type === "connectivity")).toBe(false);
  });

  test("is lost when nothing came for longer than the organisation allows, and back with the next post", async () => {
    const [gone, fine, never] = [await host(`gone${count}`), await host(`fine${count}`), await host(`never${count}`)];
    const id = await rule({ type: "connectivity", name: "c", scopes: [] });
    await rig.inventory.listening.beat();
    for (const one of [gone, fine]) await post(one, { loadavg5: 1 });
    await pass(10, [fine]);
    expect(await letterOf(id, gone)).toBe(".");
    await pass(2, [fine]);
    expect([await letterOf(id, gone), await letterOf(id, fine), await letterOf(id, never)]).toEqual(["C", ".", "."]);
    expect((await open(id))[0]?.message).toBe("unreachable");
    await post(gone, { loadavg5: 1 });
    await clock.advance(seconds(1));
    await expect.poll(() => letterOf(id, gone)).toBe(".");
    await remove(id);
  });

  test("may be no more than a warning, and is only about hosts in its scope", async () => {
    const [web, db] = [await host(`w${count}`, "Shop:web"), await host(`d${count}`, "Shop:db")];
    const settings = { type: "connectivity", name: "c", alertStatusOnGone: "WARNING", scopes: ["Shop"], excludeScopes: ["Shop: db"] };
    const id = await rule(settings);
    for (const one of [web, db]) await post(one, { loadavg5: 1 });
    await pass(12);
    expect([await letterOf(id, web), await letterOf(id, db)]).toEqual(["W", "."]);
    await change(id, { ...settings, scopes: ["Shop:db"], excludeScopes: [] });
    await pass(1);
    expect([await letterOf(id, web), await letterOf(id, db)]).toEqual([".", "W"]);
    await remove(id);
  });

  test("is nobody's loss while no server listened", async () => {
    const gone = await host(`gone${count}`);
    const id = await rule({ type: "connectivity", name: "c", scopes: [] });
    await rig.inventory.listening.beat();
    await post(gone, { loadavg5: 1 });
    await clock.advance(hours(1));
    await pass(9);
    expect(await letterOf(id, gone)).toBe(".");
    await pass(3);
    expect(await letterOf(id, gone)).toBe("C");
    await remove(id);
  });

  test("that is still lost when a downtime ends is told then", async () => {
    const gone = await host(`gone${count}`);
    const id = await rule({ type: "connectivity", name: "c", scopes: [] });
    await post(gone, { loadavg5: 1 });
    await rig.ask("POST", "/api/v0/downtimes?", { body: { name: "quiet", start: rig.now(), duration: 20, monitorScopes: [id] } });
    rig.downtimes.onChange(undefined);
    await pass(15);
    expect(await letterOf(id, gone)).toBe(".");
    await pass(6);
    expect(await letterOf(id, gone)).toBe("C");
    await remove(id);
  });

  test("that somebody closed by hand stays closed until the host was heard of again", async () => {
    const gone = await host(`gone${count}`);
    const id = await rule({ type: "connectivity", name: "c", scopes: [] });
    await post(gone, { loadavg5: 1 });
    await pass(12);
    await rig.people.identity.db.tx({ organisationId: organisation() }, (tx) =>
      rig.incidents.close(tx, clock.now(), { origin: { kind: "monitor", id } }, { trigger: "manual", by: "person:x" }),
    );
    await pass(5);
    expect(await letterOf(id, gone)).toBe(".");
    await post(gone, { loadavg5: 1 });
    await pass(12);
    expect(await letterOf(id, gone)).toBe("C");
    await remove(id);
  });
});

describe("a check that an agent reports", () => {
  const report = async (hostId: string, statuses: string, extra: object = {}): Promise<string> => {
    const seen: string[] = [];
    for (const letter of statuses.split(" ")) {
      await clock.advance(minutes(1));
      const status = { ".": "OK", W: "WARNING", C: "CRITICAL", U: "UNKNOWN" }[letter];
      const body = {
        reports: [{ source: { type: "host", hostId }, name: "log", status, message: `is ${status}\n`, occurredAt: rig.now(), ...extra }],
      };
      expect((await rig.ask("POST", "/api/v0/monitoring/checks/report?", { body })).status).toBe(200);
      seen.push(await letterOf(await checkOf(hostId)));
    }
    return seen.join(" ");
  };
  const checkOf = async (hostId: string): Promise<string> => {
    const { rows } = await rig.people.owner.query<{ id: string }>("select id from inventory_check where host_id = $1", [hostId]);
    return rows[0]?.id ?? "";
  };

  test("is an alert at once, changes with each status and closes with OK", async () => {
    const id = await host(`c${count}`);
    expect(await report(id, ". W C U . C")).toBe(". W C U . C");
    expect((await open(await checkOf(id)))[0]).toMatchObject({ key: id, message: expect.stringContaining("is CRITICAL") });
  });

  test("is one after so many reports in a row that were not OK", async () => {
    const id = await host(`c${count}`);
    expect(await report(id, "W C . C W C .", { maxCheckAttempts: 3 })).toBe(". . . . . C .");
  });

  test("is none while the host is under maintenance", async () => {
    const id = await host(`c${count}`);
    await rig.ask("POST", `/api/v0/hosts/${id}/status?`, { body: { status: "maintenance" } });
    expect(await report(id, "C")).toBe(".");
  });

  test("is none under a downtime, and one after it", async () => {
    const id = await host(`c${count}`, "Quiet:role");
    await rig.ask("POST", "/api/v0/downtimes?", { body: { name: "q", start: rig.now(), duration: 3, serviceScopes: ["Quiet"] } });
    rig.downtimes.onChange(undefined);
    expect(await report(id, "C C C C")).toBe(". . C C");
  });
});

describe("an expression", () => {
  const judgeNow = async (): Promise<void> => {
    await clock.advance(minutes(5));
    await rig.monitors.periodic.look();
  };

  test("is judged every five minutes, on data two minutes old; without data it is unknown", async () => {
    const id = await host(`e${count}`);
    const settings = {
      type: "expression",
      name: "sum",
      expression: `scale(host(${id}, custom.a.b), 2)`,
      operator: ">",
      warning: 5,
      critical: 10,
    };
    const monitor = await rule(settings);
    await judgeNow();
    expect((await open(monitor))[0]).toMatchObject({ status: "UNKNOWN", key: "", message: "sum has no data" });
    for (const [value, letter] of [
      [3, "W"],
      [6, "C"],
      [2, "."],
    ] as const) {
      await post(id, { "custom.a.b": value }, -180);
      await judgeNow();
      expect(await letterOf(monitor)).toBe(letter);
    }
    await remove(monitor);
  });

  test("that cannot be judged says why", async () => {
    const many = await rule({
      type: "expression",
      name: "many",
      expression: "role(Nobody:here, loadavg5)",
      operator: ">",
      warning: 1,
      critical: null,
    });
    await judgeNow();
    expect((await open(many))[0]?.status).toBe("UNKNOWN");
    await remove(many);
  });
});

describe("what a probe finds", () => {
  const judge = async (id: string, probe: Partial<JudgedProbe>): Promise<string> => {
    await clock.advance(minutes(1));
    await rig.people.identity.db.tx({ organisationId: organisation() }, (tx) =>
      rig.monitors.judge(tx, clock.now(), id, { vantage: "server", status: "ok", message: "200", ...probe }),
    );
    return letterOf(id);
  };
  const site = (extra: object = {}) => ({ type: "external", name: "site", url: "https://a.example", headers: [], ...extra });

  test("is critical after so many failures in a row, and its message is Mackerel's", async () => {
    const id = await rule(site({ maxCheckAttempts: 3 }));
    const seen = [];
    for (const status of ["failed", "failed", "ok", "failed", "failed", "failed", "ok"] as const)
      seen.push(await judge(id, { status, message: status === "ok" ? "200" : "503" }));
    expect(seen.join(" ")).toBe(". . . . . C .");
    expect((await alerts(id))[0]).toMatchObject({ key: "", status: "OK" });
    await remove(id);
  });

  test("is told again when the message changes, for rules about URLs", async () => {
    const id = await rule(site());
    await judge(id, { status: "failed", message: "503" });
    await judge(id, { status: "failed", message: "500" });
    expect((await open(id)).map(({ message }) => message)).toEqual(["500"]);
    await remove(id);
  });

  test("averages response times over as many answers as the rule says", async () => {
    await rig.ask("POST", "/api/v0/services?", { body: { name: `R${count}x`, memo: "" } });
    const times = { service: `R${count}x`, responseTimeWarning: 100, responseTimeCritical: 1000, responseTimeDuration: 2 };
    const id = await rule(site(times));
    const seen = [];
    for (const responseMillis of [5000, 50, 50, 200, 2000, 10, 10]) seen.push(await judge(id, { responseMillis }));
    expect(seen.join(" ")).toBe(". C . W C C .");
    await remove(id);
  });

  test("counts the days that a certificate has left", async () => {
    const id = await rule(site({ certificationExpirationWarning: 30, certificationExpirationCritical: 7 }));
    const inDays = (days: number) => ({ certificateExpiresAt: unixMs(clock.now() + days * 86_400_000 + 120_000) });
    const seen = [];
    for (const days of [40, 29, 6, -1, 90]) seen.push(await judge(id, inDays(days)));
    expect(seen.join(" ")).toBe(". W C C .");
    await remove(id);
  });

  test("from several places counts when as many of them fail as the rule says", async () => {
    const own = async (failsFrom: unknown) => {
      const probe = { kind: "tcp", host: "a.example", port: 22 };
      const [a, b] = [await host(`va${count}${String(failsFrom)}`), await host(`vb${count}${String(failsFrom)}`)];
      const vantages = ["server", `host:${a}`, `host:${b}`];
      const answer = await rig.ask("POST", "/api/v1/orgs/first/monitors", {
        body: { settings: { type: "tcp", name: "ssh", probe, vantages, failsFrom } },
      });
      expect(answer.status, answer.text).toBe(200);
      return { id: answer.json.id as string, vantages };
    };
    for (const [failsFrom, expected] of [
      ["any", "C C C C C ."],
      [2, ". C C C . ."],
      ["all", ". . C . . ."],
    ] as const) {
      const { id, vantages } = await own(failsFrom);
      const seen = [];
      for (const vantage of vantages) seen.push(await judge(id, { vantage, status: "failed", message: "refused" }));
      for (const vantage of vantages) seen.push(await judge(id, { vantage }));
      expect(seen.join(" "), String(failsFrom)).toBe(expected);
      await rig.ask("DELETE", `/api/v1/orgs/first/monitors/${id}`);
    }
  });

  test("of a host under maintenance, or for a rule that is gone, makes nothing", async () => {
    const id = await host(`m${count}`);
    await rig.ask("POST", `/api/v0/hosts/${id}/status?`, { body: { status: "maintenance" } });
    const settings = { type: "ping", name: "ping", hostId: id, probe: { kind: "ping", host: "a.example" } };
    const { json } = await rig.ask("POST", "/api/v1/orgs/first/monitors", { body: { settings } });
    expect(await judge(json.id, { status: "failed", message: "no reply" })).toBe(".");
    await rig.ask("DELETE", `/api/v1/orgs/first/monitors/${json.id}`);
    expect(await judge(json.id, { status: "failed", message: "no reply" })).toBe(".");
  });
});

test("nothing of this was a surprise to the server", () => {
  expect(rig.logged).toEqual([]);
});
