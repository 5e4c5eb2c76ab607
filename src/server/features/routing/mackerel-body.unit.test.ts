import { describe, expect, test } from "vitest";
import { unixMs } from "#base/duration";
import { checkPayload } from "#test/mackerel-payloads";
import {
  alertBody,
  alertGroupBody,
  hostBody,
  isMackerelMonitor,
  mackerelType,
  monitorBody,
  type BodyAlert,
  type BodyHost,
  type BodyService,
} from "./mackerel-body.ts";

const context = { orgName: "MY_ORG", publicUrl: "https://h" };
const host: BodyHost = {
  id: "H",
  name: "app01",
  status: "working",
  memo: "",
  isRetired: false,
  roles: [{ service: "S", role: "R" }],
};
const service: BodyService = { id: "SV", name: "S", memo: "", orgId: "O", roles: ["R", "Q"] };
const user = { id: "U", screenName: "Hanako" };

const cpu: BodyAlert = {
  id: "A",
  status: "WARNING",
  type: "host",
  trigger: "monitoring",
  monitorName: "CPU %",
  openedAt: unixMs(1_692_628_521_296),
  closedAt: undefined,
  message: "found",
  memo: "",
  rule: { label: "cpu%", value: 6, operator: ">", warning: 5, critical: 10, duration: 3 },
};

const nobody = { user: undefined, imageUrl: undefined };
const closedAt = unixMs(1_692_628_999_000);

describe("an alert's payload", () => {
  test("is that of the worked example", () => {
    const body = alertBody(context, cpu, { host, service }, nobody);
    expect(body).toEqual(
      JSON.parse(`{"orgName":"MY_ORG","event":"alert","imageUrl":null,"memo":"","type":"host","message":"CPU % 6 > 5","user":null,
        "host":{"id":"H","name":"app01","url":"https://h/orgs/MY_ORG/hosts/H","status":"working","memo":"","isRetired":false,
         "roles":[{"fullname":"S: R","serviceName":"S","serviceUrl":"https://h/orgs/MY_ORG/services/S","roleName":"R",
          "roleUrl":"https://h/orgs/MY_ORG/services/S#role=R"}]},
        "alert":{"id":"A","url":"https://h/orgs/MY_ORG/alerts/A","status":"warning","isOpen":true,"trigger":"monitor","openedAt":1692628521,
         "closedAt":null,"createdAt":1692628521296,"monitorName":"CPU %","metricLabel":"cpu%","metricValue":6,"criticalThreshold":10,
         "warningThreshold":5,"monitorOperator":">","duration":3}}`),
    );
    expect(checkPayload(body)).toEqual([]);
  });

  test("of an alert that a person closed names them and has no value", () => {
    const closed: BodyAlert = { ...cpu, status: "OK", trigger: "manual", closedAt, rule: cpu.rule && { ...cpu.rule, value: undefined } };
    const body = alertBody(context, { ...closed, message: "CPU % 6" }, { host }, { user, imageUrl: "https://h/a.png" });
    expect(body).toMatchObject({ message: "CPU % 6", user, imageUrl: "https://h/a.png" });
    expect(body["alert"]).toMatchObject({ status: "ok", isOpen: false, trigger: "manual close", closedAt: 1_692_628_999 });
    expect(body["alert"]).not.toHaveProperty("metricValue");
    expect(checkPayload(body)).toEqual([]);
  });

  const bare = { rule: undefined };
  const messages: readonly [string, BodyAlert, string][] = [
    ["host", cpu, "CPU % 6 > 5"],
    ["host, critical", { ...cpu, status: "CRITICAL" }, "CPU % 6 > 10"],
    ["host, closed", { ...cpu, status: "OK", closedAt }, "CPU % 6"],
    [
      "service",
      {
        ...cpu,
        type: "service",
        monitorName: "Shop - orders",
        rule: { label: "MY_METRIC", value: 7, operator: ">", warning: 2, critical: undefined, duration: 1 },
      },
      "MY_METRIC 7 > 2",
    ],
    [
      "service, closed",
      {
        ...cpu,
        type: "service",
        status: "OK",
        closedAt,
        rule: { label: "MY_METRIC", value: 1, operator: ">", warning: 2, critical: undefined, duration: 1 },
      },
      "MY_METRIC 1",
    ],
    [
      "expression",
      {
        ...cpu,
        type: "expression",
        monitorName: "MY_EXPRESSION",
        rule: { label: "avg(x)", value: 0.02, operator: ">", warning: 0, critical: 1, duration: 1 },
      },
      "MY_EXPRESSION 0.02 > 0",
    ],
    ["connectivity", { ...cpu, ...bare, type: "connectivity", message: "silent for 10 minutes" }, "unreachable"],
    [
      "check",
      { ...cpu, ...bare, type: "check", monitorName: "log", message: "LOG CRITICAL: 1 warnings, 1 criticals for pattern /error/." },
      "log - LOG CRITICAL: 1 warnings, 1 criticals for pattern /error/.",
    ],
    ["external", { ...cpu, ...bare, type: "external", message: "500" }, "HTTP request failed - status is 500"],
    ["external, without an answer", { ...cpu, ...bare, type: "external", message: "timed out" }, "timed out"],
    [
      "anomalyDetection",
      { ...cpu, ...bare, type: "anomalyDetection", monitorName: "odd", message: "cpu.iowait.percentage" },
      "odd cpu.iowait.percentage",
    ],
    ["service whose points stay away", { ...cpu, ...bare, type: "service", message: "no data for 60 minutes" }, "no data for 60 minutes"],
  ];

  test.each(messages)("of %s says it in Mackerel's words", (title, alert, expected) => {
    const of = title.startsWith("service") ? { service } : title.startsWith("ex") ? {} : { host };
    const body = alertBody(context, alert, of, nobody);
    expect(body["message"]).toBe(expected);
    expect(checkPayload(body)).toEqual([]);
  });

  test("has no figures where Mackerel's has none, and leaves out what is unset", () => {
    for (const type of ["connectivity", "check", "external", "anomalyDetection"]) {
      const { alert } = alertBody(context, { ...cpu, type }, { host }, nobody) as { alert: object };
      expect(Object.keys(alert)).toEqual(["id", "url", "status", "isOpen", "trigger", "openedAt", "closedAt", "createdAt", "monitorName"]);
    }
    const { alert } = alertBody(context, { ...cpu, rule: cpu.rule && { ...cpu.rule, critical: undefined } }, { host }, nobody) as {
      alert: object;
    };
    expect(alert).not.toHaveProperty("criticalThreshold");
  });

  test("names a host or a service or neither", () => {
    expect(Object.keys(alertBody(context, cpu, { host, service }, nobody))).not.toContain("service");
    const ofService = alertBody(context, { ...cpu, type: "service" }, { service }, nobody);
    expect(ofService["service"]).toMatchObject({ orgId: "O", roles: [{ fullname: "S: R" }, { fullname: "S: Q" }] });
    const neither = alertBody(context, { ...cpu, type: "expression" }, {}, nobody);
    expect([neither["host"], neither["service"]]).toEqual([undefined, undefined]);
    for (const body of [ofService, neither]) expect(checkPayload(body)).toEqual([]);
  });

  test.each([
    ["monitorDelete", "delete monitor"],
    ["hostRetire", "retire host"],
    ["serviceDelete", "delete service"],
    ["anomalyDetectionManuallyRetraining", "anomaly detection manually retraining"],
    ["externalMonitoringServiceChange", "attach external monitoring to a different service"],
    ["source", "monitor"],
  ] as const)("says why it changed: %s is %s", (trigger, expected) => {
    expect(alertBody(context, { ...cpu, trigger, status: "OK", closedAt }, { host }, nobody)["alert"]).toMatchObject({ trigger: expected });
  });

  test("of a type of ours travels as what it is most like", () => {
    expect(mackerelType("ping", true)).toBe("check");
    expect(mackerelType("tcp", false)).toBe("external");
    expect(mackerelType("alertmanager", false)).toBe("external");
    expect(mackerelType("query", false)).toBe("expression");
    expect(mackerelType("host", true)).toBe("host");
    expect(checkPayload(alertBody(context, { ...cpu, type: "ping", rule: undefined, message: "no answer" }, { host }, nobody))).toEqual([]);
  });
});

test("an alert group's payload spells its status in capitals, counts in seconds and names no person", () => {
  const setting = { id: "G", name: "All of the shop", memo: "call me" };
  const open = alertGroupBody(context, { id: "AG", status: "WARNING", createdAt: unixMs(1_693_211_901_999), closedAt: undefined, setting });
  expect(open).toEqual({
    orgName: "MY_ORG",
    event: "alertGroup",
    imageUrl: null,
    alertGroup: { id: "AG", url: "https://h/orgs/MY_ORG/alert-groups/AG", status: "WARNING", createdAt: 1_693_211_901, closedAt: null },
    alertGroupSetting: { id: "G", name: "All of the shop", memo: "call me", url: "https://h/orgs/MY_ORG/alert-group-settings/G" },
  });
  const closed = alertGroupBody(context, { id: "AG", status: "OK", createdAt: unixMs(1000), closedAt: unixMs(2000), setting });
  for (const body of [open, closed]) expect(checkPayload(body)).toEqual([]);
});

describe("a host's payload", () => {
  test("tells its new status and the one before", () => {
    const body = hostBody(context, { event: "hostStatus", from: "working" }, { ...host, status: "standby" }, user);
    expect(body).toMatchObject({ event: "hostStatus", fromStatus: "working", user, imageUrl: null, host: { status: "standby" } });
    expect(checkPayload(body)).toEqual([]);
  });

  test("of one that was registered names nobody", () => {
    const body = hostBody(context, { event: "hostRegister" }, host, user);
    expect(body).toMatchObject({ event: "hostRegister", user: null });
    expect(checkPayload(body)).toEqual([]);
  });

  test("of one that was retired shows it as it was before", () => {
    const body = hostBody(context, { event: "hostRetire" }, { ...host, isRetired: true }, user);
    expect(body).toMatchObject({ event: "hostRetire", user, host: { isRetired: false } });
    expect(checkPayload(body)).toEqual([]);
  });
});

describe("a monitor's payload", () => {
  const common = { id: "M", name: "m", memo: "", isMute: false, notificationInterval: 60 };
  const monitors = [
    {
      ...common,
      type: "host",
      metric: "cpu%",
      operator: ">",
      warning: 80,
      critical: null,
      duration: 3,
      maxCheckAttempts: 1,
      scopes: ["S:R"],
    },
    { ...common, type: "connectivity", alertStatusOnGone: "CRITICAL", scopes: [], excludeScopes: ["S: R", "T"] },
    {
      ...common,
      type: "service",
      service: "S",
      metric: "x",
      operator: ">",
      warning: 1,
      critical: 2,
      duration: 1,
      missingDurationWarning: 60,
    },
    {
      ...common,
      type: "external",
      url: "https://e",
      method: "GET",
      headers: [{ name: "A", value: "b" }],
      requestBody: "x:y",
      dualstack: "auto",
    },
    { ...common, type: "expression", expression: "avg(x)", operator: ">", warning: 0, critical: 1, evaluateBackwardMinutes: 3 },
    { ...common, type: "anomalyDetection", scopes: ["S: R"], warningSensitivity: "normal", maxCheckAttempts: 3, trainingPeriodFrom: 1 },
  ];

  test.each(monitors)("of type $type has what Mackerel's have and no more", (monitor) => {
    for (const event of ["monitorCreate", "monitorUpdate", "monitorDelete"] as const) {
      const body = monitorBody(context, event, monitor, user);
      expect(body).toMatchObject({ event, user, imageUrl: null, monitor: { id: "M", type: monitor.type } });
      expect(checkPayload(body)).toEqual([]);
    }
  });

  test("leaves out what is unset, spells roles with a space, and always says whether it is muted", () => {
    const { monitor } = monitorBody(context, "monitorUpdate", { ...monitors[0], isMute: undefined }, undefined) as { monitor: object };
    expect(monitor).not.toHaveProperty("critical");
    expect(monitor).toMatchObject({ isMute: false, scopes: ["S: R"] });
    expect(monitorBody(context, "monitorUpdate", monitors[3] ?? {}, undefined)["monitor"]).toMatchObject({ requestBody: "x:y" });
  });

  test("exists only for types that payloads of Mackerel's ever showed", () => {
    expect(isMackerelMonitor({ type: "host" })).toBe(true);
    expect(isMackerelMonitor({ type: "ping" })).toBe(false);
    expect(isMackerelMonitor({ type: "query" })).toBe(false);
  });
});
