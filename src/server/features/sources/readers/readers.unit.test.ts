import { describe, expect, test } from "vitest";
import { fuzz } from "#test/fuzz";
import { severityOfWord, namesOfInstance, type Item, type Reading } from "../model.ts";
import type { Mapping, SourceKind } from "#wire/sources";
import { atPointer, filled } from "./json.ts";
import { readMessage } from "./index.ts";

const read = (kind: Exclude<SourceKind, "heartbeat" | "mail">, body: unknown, mapping?: Mapping): Reading =>
  readMessage(kind, typeof body === "string" ? body : JSON.stringify(body), { defaultSeverity: "error", mapping });

const itemsOf = (reading: Reading): readonly Item[] => (reading.kind === "items" ? reading.items : []);

/** As Alertmanager 0.25.0 sends it. */
const firing = {
  receiver: "hook",
  status: "firing",
  version: "4",
  groupKey: '{}:{alertname="TargetDown"}',
  truncatedAlerts: 0,
  groupLabels: { alertname: "TargetDown" },
  commonLabels: { alertname: "TargetDown", severity: "critical" },
  commonAnnotations: { summary: "web が応答していません" },
  externalURL: "http://am:9093",
  alerts: [
    {
      status: "firing",
      labels: { alertname: "TargetDown", instance: "web1:9600", job: "web", severity: "critical" },
      annotations: { summary: "web が応答していません" },
      startsAt: "2026-11-21T23:08:11.119Z",
      endsAt: "0001-01-01T00:00:00Z",
      generatorURL: "http://prom:9090/graph?g0.expr=up",
      fingerprint: "113ebc4f6beedf3d",
    },
    {
      status: "resolved",
      labels: { alertname: "TargetDown", instance: "[fd00::5]:9600" },
      annotations: {},
      startsAt: "2026-11-21T22:00:00Z",
      endsAt: "2026-11-21T23:00:00Z",
      generatorURL: "javascript:alert(1)",
      fingerprint: "b",
    },
  ],
};

describe("Alertmanager", () => {
  test("each alert is judged by its own status, whatever the group's is", () => {
    expect(itemsOf(read("alertmanager", firing))).toEqual([
      {
        key: "113ebc4f6beedf3d",
        isOpen: true,
        startedAt: Date.parse("2026-11-21T23:08:11.119Z"),
        severity: "critical",
        name: "TargetDown",
        message: "web が応答していません",
        hostNames: ["web1:9600", "web1"],
        detail: {
          labels: firing.alerts[0]?.labels,
          annotations: firing.alerts[0]?.annotations,
          links: { generatorURL: "http://prom:9090/graph?g0.expr=up" },
        },
      },
      expect.objectContaining({
        key: "b",
        isOpen: false,
        severity: "error",
        message: "TargetDown",
        hostNames: ["[fd00::5]:9600", "fd00::5"],
      }),
    ]);
  });

  test("links that are no addresses of pages are left out", () => {
    expect(itemsOf(read("alertmanager", firing))[1]?.detail["links"]).toEqual({});
  });

  test("alerts without a fingerprint are known by their labels, in whatever order", () => {
    const of = (labels: object): unknown => ({ alerts: [{ status: "firing", labels }] });
    const [a, b] = [of({ alertname: "X", a: "1" }), of({ a: "1", alertname: "X" })].map(
      (body) => itemsOf(read("alertmanager", body))[0]?.key,
    );
    expect(a).toBe(b);
  });

  test("alerts that were left out of the message are counted", () => {
    expect(read("alertmanager", { ...firing, truncatedAlerts: 12 })).toMatchObject({ truncated: 12 });
  });

  test.each([
    ["not json", "the message is not JSON"],
    ["", "the message is empty"],
    ["[]", "alerts: must be a list"],
    ['{"alerts":{}}', "alerts: must be a list"],
    [JSON.stringify({ alerts: Array.from({ length: 10_001 }, () => ({})) }), "alerts: at most 10000 in one message"],
  ])("%.30j is not understood and says why", (text, why) => {
    expect(read("alertmanager", text)).toMatchObject({ kind: "unread", why: expect.stringContaining(why) });
  });
});

describe("Grafana", () => {
  test("its test button opens nothing", () => {
    const body = {
      receiver: "x",
      status: "firing",
      alerts: [{ status: "firing", labels: { alertname: "TestAlert", instance: "Grafana" }, fingerprint: "57c6d9296de2ad39" }],
    };
    expect(read("grafana", body)).toEqual({ kind: "test" });
  });

  test("the value and the panel are kept", () => {
    const alert = {
      status: "firing",
      labels: { alertname: "CPU" },
      valueString: "[ var='A' value=97 ]",
      panelURL: "https://g/d/1?viewPanel=2",
      fingerprint: "f",
    };
    expect(itemsOf(read("grafana", { alerts: [alert] }))[0]?.detail).toMatchObject({
      valueString: alert.valueString,
      links: { panelURL: alert.panelURL },
    });
  });

  test("the older form of one rule a message opens and closes by the rule", () => {
    const of = (state: string): unknown => ({
      ruleId: 7,
      ruleName: "Load",
      state,
      message: "too high",
      tags: { severity: "warning", host: "web1" },
      ruleUrl: "https://g/d/1",
    });
    expect(itemsOf(read("grafana", of("alerting")))).toEqual([
      expect.objectContaining({ key: "rule:7", isOpen: true, severity: "warning", message: "too high", hostNames: ["web1"] }),
    ]);
    expect(itemsOf(read("grafana", of("ok")))[0]?.isOpen).toBe(false);
    expect(read("grafana", of("pending"))).toMatchObject({ kind: "ignored" });
    expect(read("grafana", of("strange"))).toMatchObject({ kind: "unread" });
  });
});

describe("Zabbix", () => {
  const problem = {
    event_id: "19",
    recovery_id: "{EVENT.RECOVERY.ID}",
    event_value: "1",
    update_status: "0",
    event_name: "Load is high",
    severity: "Disaster",
    nseverity: "5",
    host: "web1",
    trigger_id: "100",
    tags: '[{"tag":"service","value":"web"}]',
    message: "…",
  };

  test("a recovery closes the event that it names", () => {
    expect(itemsOf(read("zabbix", problem))).toEqual([
      {
        key: "19",
        isOpen: true,
        startedAt: 0,
        severity: "critical",
        name: "Load is high",
        message: "web1: Load is high",
        hostNames: ["web1"],
        detail: { labels: { service: "web", trigger_id: "100" }, text: "…" },
      },
    ]);
    expect(itemsOf(read("zabbix", { ...problem, event_value: "0", recovery_id: "20" }))[0]).toMatchObject({ key: "19", isOpen: false });
  });

  test("macros that have no value, and tags that are none, are as if they were absent", () => {
    const [item] = itemsOf(read("zabbix", { ...problem, host: "{HOST.HOST}", tags: "{EVENT.TAGSJSON}", nseverity: "{EVENT.NSEVERITY}" }));
    expect(item).toMatchObject({ message: "Load is high", hostNames: [], detail: { labels: { trigger_id: "100" } } });
  });

  test("what somebody writes to a problem opens nothing anew, the test button neither", () => {
    expect(read("zabbix", { ...problem, update_status: "1" })).toMatchObject({ kind: "ignored" });
    expect(read("zabbix", { event_id: "{EVENT.ID}", event_name: "{EVENT.NAME}", event_value: "{EVENT.VALUE}" })).toEqual({ kind: "test" });
  });

  test.each([
    [{ ...problem, event_id: "x" }, "event_id: must be a number"],
    [{ ...problem, event_value: "2" }, "event_value: must be 1"],
    ["[1]", "must be a JSON object"],
  ])("%.20j is not understood and says why", (body, why) => {
    expect(read("zabbix", body)).toMatchObject({ kind: "unread", why: expect.stringContaining(why) });
  });
});

describe("Mackerel", () => {
  const alert = {
    orgName: "MY_ORG",
    event: "alert",
    type: "host",
    message: "CPU % 96 > 90",
    host: { id: "22D4...", name: "app01", roles: [] },
    alert: {
      id: "2bj...",
      url: "https://mackerel.io/orgs/MY_ORG/alerts/2bj",
      status: "critical",
      isOpen: true,
      trigger: "monitor",
      monitorName: "CPU %",
    },
  };

  test("an alert opens, and closes by isOpen", () => {
    expect(itemsOf(read("mackerel", alert))).toEqual([
      expect.objectContaining({
        key: "2bj...",
        isOpen: true,
        severity: "critical",
        name: "CPU %",
        message: "app01: CPU % 96 > 90",
        hostNames: ["22D4...", "app01"],
      }),
    ]);
    expect(itemsOf(read("mackerel", { ...alert, alert: { ...alert.alert, isOpen: false, status: "ok" } }))[0]?.isOpen).toBe(false);
  });

  test("the test button and the other events open nothing; what is no event is told", () => {
    expect(read("mackerel", { event: "sample", message: "Sample Notification from Mackerel", imageUrl: null })).toEqual({ kind: "test" });
    expect(read("mackerel", { event: "hostStatus", host: {} })).toMatchObject({ kind: "ignored" });
    expect(read("mackerel", {})).toMatchObject({ kind: "unread", why: "event: must be given" });
    expect(read("mackerel", { event: "alert", alert: { id: "x" } })).toMatchObject({
      kind: "unread",
      why: "alert.isOpen: must be true or false",
    });
  });
});

describe("any other program", () => {
  const mapping: Mapping = {
    items: "/events",
    key: "{/host}/{/check~1id}",
    name: "{/check~1id}",
    message: "{/text} ({/tags/0})",
    host: "{/host}",
    severity: { at: "/level", values: { rot: "critical", gelb: "warning" } },
    closes: { at: "/state", values: ["OK", "gone"] },
  };
  const event = { host: "web1", "check/id": "http", text: "no answer", level: "ROT", state: "down", tags: ["a", "b"] };

  test("is read by pointers and templates", () => {
    const reading = read("generic", { events: [event, { ...event, state: "ok", level: "notice" }, { ...event, level: 5 }] }, mapping);
    expect(
      itemsOf(reading).map(({ key, isOpen, severity, name, message, hostNames }) => [key, isOpen, severity, name, message, hostNames]),
    ).toEqual([
      ["web1/http", true, "critical", "http", "no answer (a)", ["web1"]],
      ["web1/http", false, "information", "http", "no answer (a)", ["web1"]],
      ["web1/http", true, "error", "http", "no answer (a)", ["web1"]],
    ]);
  });

  test("is not understood where the mapping finds nothing to tell one from another", () => {
    expect(read("generic", { events: {} }, mapping)).toMatchObject({ kind: "unread", why: "/events: there is no list in the message" });
    expect(read("generic", {}, { key: "{/id}", name: "x", message: "y" })).toMatchObject({
      kind: "unread",
      why: "key: {/id} finds nothing",
    });
    expect(read("generic", { events: [] }, mapping)).toMatchObject({ kind: "ignored" });
    expect(read("generic", {})).toMatchObject({ kind: "unread", why: "the source has no mapping yet" });
  });
});

test("pointers find what RFC 6901 says", () => {
  const value = { foo: ["bar", "baz"], "": 0, "a/b": 1, "m~n": 8, constructor: "own" };
  expect(
    ["", "/foo/0", "/", "/a~1b", "/m~0n", "/foo/01", "/foo/-", "/toString", "/constructor"].map((pointer) => atPointer(value, pointer)),
  ).toEqual([value, "bar", 0, 1, 8, undefined, undefined, undefined, "own"]);
  expect(filled("{/foo} {/none}{/a~1b} {} {x}", value)).toBe(`["bar","baz"] 1 ${JSON.stringify(value)} {x}`);
});

test("words for severities and addresses of instances", () => {
  expect(["CRITICAL", " page ", "err", "Warn", "info", "blue"].map(severityOfWord)).toEqual([
    "critical",
    "critical",
    "error",
    "warning",
    "information",
    undefined,
  ]);
  expect(["", "web1", "web1:9100", "[::1]:9100", "fd00::5"].map(namesOfInstance)).toEqual([
    [],
    ["web1"],
    ["web1:9100", "web1"],
    ["[::1]:9100", "::1"],
    ["fd00::5"],
  ]);
});

test.each(["alertmanager", "grafana", "zabbix", "mackerel", "generic"] as const)("no message makes the reader of %s throw", (kind) => {
  const mapping: Mapping = { items: "/alerts", key: "{/fingerprint}", name: "{/labels/alertname}", message: "{}" };
  fuzz(
    [
      JSON.stringify(firing),
      '{"event":"alert","alert":{"id":"a","isOpen":true}}',
      '{"event_id":"1","event_value":"1","tags":"[{}]"}',
      '{"ruleId":1,"state":"ok","tags":null}',
    ],
    (bytes) => readMessage(kind, bytes.toString("utf8"), { defaultSeverity: "error", mapping }),
    () => false,
    { runs: 40_000 },
  );
});
