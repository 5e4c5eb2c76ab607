import { beforeAll, describe, expect, test } from "vitest";
import { millis } from "#base/duration";
import { withRig } from "#test/inventory-rig";
import { errorOf, refusal, v0Clients } from "#test/v0-client";

const rig = withRig();
const { v0, reader, prepare } = v0Clients(rig);
let hostId = "";
let count = 0;

beforeAll(async () => {
  await prepare();
  hostId = (await v0.post("/hosts", { name: "shown", meta: {}, roleFullnames: ["Shop:web"] })).json.id;
});

const at = (x: number, y: number, width = 6, height = 6): object => ({ x, y, width, height });
const markdown = (extra: object = {}): object => ({ type: "markdown", title: "m", markdown: "# hi", layout: at(0, 0), ...extra });
const graph = (target: object, extra: object = {}): object => ({ type: "graph", title: "g", graph: target, layout: at(0, 0), ...extra });
const value = (extra: object = {}): object => ({
  type: "value",
  title: "v",
  metric: { type: "host", hostId, name: "loadavg5" },
  layout: at(0, 0),
  ...extra,
});
const path = (): string => `path-${(count += 1)}`;
const body = (widgets: unknown, extra: object = {}): object => ({ title: "T", memo: "", urlPath: path(), widgets, ...extra });
const create = async (widgets: unknown, extra: object = {}) => v0.post("/dashboards", body(widgets, extra));

/** Every kind of widget with every key, as Mackerel's documentation names them. */
const everyWidget = (): object[] => [
  graph(
    { type: "host", hostId, name: "loadavg" },
    {
      range: { type: "relative", period: 3600, offset: -86_400 },
      valueRange: { min: 0, max: 100.5 },
      legendList: ["loadavg5", "loadavg1"],
      referenceLines: [{ label: "limit", value: 4 }],
    },
  ),
  graph({ type: "role", roleFullname: "Shop: web", name: "cpu%", isStacked: true }, { layout: at(6, 0), referenceLines: [] }),
  graph({ type: "role", roleFullname: "Shop:web", name: "cpu%" }, { layout: at(12, 0), referenceLines: [] }),
  graph(
    { type: "service", serviceName: "Shop", name: "access.*" },
    { layout: at(18, 0), range: { type: "absolute", start: 1_700_000_000, end: 1_700_003_600 }, referenceLines: [] },
  ),
  graph({ type: "expression", expression: "avg(role(Shop:web, loadavg5))" }, { layout: at(0, 6), referenceLines: [] }),
  graph({ type: "query", query: 'up{a="b"}', legend: "{{a}}" }, { layout: at(6, 6), referenceLines: [] }),
  graph({ type: "unknown" }, { layout: at(12, 6), referenceLines: [] }),
  value({ layout: at(18, 6), fractionSize: 0, suffix: "req/s", formatRules: [{ name: "hot", threshold: 80, operator: ">" }] }),
  value({ layout: at(0, 12, 4, 4), metric: { type: "service", serviceName: "Shop", name: "a.b" }, formatRules: [] }),
  value({ layout: at(4, 12, 4, 4), metric: { type: "expression", expression: "host(a, b)" }, formatRules: [] }),
  value({ layout: at(8, 12, 4, 4), metric: { type: "query", query: "up", legend: "" }, formatRules: [] }),
  value({ layout: at(12, 12, 4, 4), metric: { type: "unknown" }, formatRules: [] }),
  markdown({ layout: at(16, 12, 4, 2), markdown: "<script>alert(1)</script>\n\n| a |\n|--|" }),
  { type: "alertStatus", title: "a", roleFullname: "Shop:web", layout: at(20, 12, 4, 3) },
];

/** What Mackerel's Go client writes on every widget that does not have it. */
const goNulls = { metric: null, graph: null, range: null, valueRange: null, legendList: null, roleFullname: null, fractionSize: null };

describe("POST /dashboards", () => {
  test("answers the whole dashboard, spelled as it was written", async () => {
    const widgets = everyWidget();
    const made = await create(widgets, { memo: "for the wall", urlPath: "team/wall_1" });
    expect(made.status).toBe(200);
    expect(made.json).toEqual({
      id: expect.stringMatching(/^\w{11}$/),
      title: "T",
      memo: "for the wall",
      urlPath: "team/wall_1",
      widgets,
      createdAt: rig.now(),
      updatedAt: rig.now(),
    });
  });

  test("takes null for absent, as Go clients send it, and gives the optional lists as empty ones", async () => {
    const made = await create([
      { ...goNulls, ...markdown() },
      { ...goNulls, ...value({ layout: at(6, 0), suffix: null }) },
      { ...goNulls, ...graph({ type: "unknown" }, { layout: at(12, 0), referenceLines: null }) },
    ]);
    expect(made.json.widgets).toEqual([
      markdown(),
      value({ layout: at(6, 0), formatRules: [] }),
      graph({ type: "unknown" }, { layout: at(12, 0), referenceLines: [] }),
    ]);
    expect((await create(null)).json.widgets).toEqual([]);
    expect((await v0.post("/dashboards", { title: "bare", urlPath: path() })).json).toMatchObject({ memo: "", widgets: [] });
  });

  test("gives whole numbers without a fraction, for Go reads no 6.0", async () => {
    const made = await v0.post(
      "/dashboards",
      `{"title":"T","urlPath":"whole","widgets":[{"type":"markdown","title":"","markdown":"","layout":{"x":0.0,"y":-0,"width":6e0,"height":6.0}}]}`,
    );
    expect(made.text).toContain('"layout":{"x":0,"y":0,"width":6,"height":6}');
    expect(made.text).toMatch(/"createdAt":\d{10},"updatedAt":\d{10}/u);
  });

  test("answers 409 when another dashboard has the path", async () => {
    await create([], { urlPath: "taken" });
    expect(refusal(await create([], { urlPath: "taken" }))).toEqual({ status: 409, message: "Another dashboard has the path taken." });
  });

  test.each([
    ["no body", "", "body"],
    ["null", "null", "object"],
    ["a list", "[]", "object"],
    ["no JSON", "{", "JSON"],
    ["no title", { urlPath: "p" }, "title: must be given"],
    ["an empty title", { title: "", urlPath: "p" }, "title: must have 1 to 255 characters"],
    ["a number as title", { title: 1, urlPath: "p" }, "title: must be a text"],
    ["no path", { title: "T" }, "urlPath: must be given"],
    ["a path that begins with a slash", { title: "T", urlPath: "/a" }, "urlPath"],
    ["a path with a dash at a beginning", { title: "T", urlPath: "a/-b" }, "urlPath"],
    ["a path with a space", { title: "T", urlPath: "a b" }, "urlPath"],
    ["an object as widgets", { title: "T", urlPath: "p", widgets: {} }, "widgets: must be a list"],
    ["a number as widget", { title: "T", urlPath: "p", widgets: [7] }, "widgets.0: must be an object"],
  ])("answers 400 for %s, and says what is wrong", async (_name, sent, message) => {
    const answer = await v0.post("/dashboards", sent);
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toContain(message);
  });

  test.each([
    ["an unknown type", { type: "gauge" }, "widgets.0.type"],
    ["no layout", { layout: null }, "widgets.0.layout: must be given"],
    ["a layout that is no object", { layout: 3 }, "widgets.0.layout: must be an object"],
    ["half a column", { layout: at(0.5, 0) }, "widgets.0.layout.x"],
    ["a negative row", { layout: at(0, -1) }, "widgets.0.layout.y"],
    ["a column too far right", { layout: at(18, 0, 8, 6) }, "widgets.0.layout.width: reaches beyond the 24 columns"],
    ["too narrow a graph", { layout: at(0, 0, 5, 6) }, "widgets.0.layout.width: must be a whole number from 6 to 24"],
    ["too low a graph", { layout: at(0, 0, 6, 5) }, "widgets.0.layout.height: must be a whole number from 6 to 32"],
    ["too high a graph", { layout: at(0, 0, 6, 33) }, "widgets.0.layout.height"],
    ["too narrow a value", value({ layout: at(0, 0, 3, 4) }), "widgets.0.layout.width: must be a whole number from 4 to 24"],
    ["too low a text", markdown({ layout: at(0, 0, 4, 1) }), "widgets.0.layout.height: must be a whole number from 2 to 80"],
    ["too low a state", { type: "alertStatus", layout: at(0, 0, 4, 2) }, "widgets.0.layout.height: must be a whole number from 3 to 32"],
    ["no graph", { graph: null }, "widgets.0.graph: must be given"],
    ["an unknown kind of graph", { graph: { type: "pie" } }, "widgets.0.graph.type"],
    ["a graph of no host", { graph: { type: "host", name: "a" } }, "widgets.0.graph.hostId: must be given"],
    ["a graph without a name", { graph: { type: "service", serviceName: "Shop" } }, "widgets.0.graph.name"],
    ["a wrong role", { graph: { type: "role", roleFullname: "Shop", name: "a" } }, "widgets.0.graph.roleFullname"],
    ["a role as value", value({ metric: { type: "role", roleFullname: "Shop:web", name: "a" } }), "widgets.0.metric.type"],
    ["a range of no length", { range: { type: "absolute", start: 5, end: 5 } }, "widgets.0.range.end"],
    ["a range of no kind", { range: { period: 5 } }, "widgets.0.range.type"],
    ["an endless period", { range: { type: "relative", period: 0, offset: 0 } }, "widgets.0.range.period"],
    ["a turned value range", { valueRange: { min: 2, max: 1 } }, "widgets.0.valueRange.max"],
    [
      "two reference lines",
      {
        referenceLines: [
          { label: "a", value: 1 },
          { label: "b", value: 2 },
        ],
      },
      "widgets.0.referenceLines: may have 1 entry",
    ],
    ["a negative reference line", { referenceLines: [{ label: "a", value: -1 }] }, "widgets.0.referenceLines.0.value"],
    ["a long label", { referenceLines: [{ label: "x".repeat(33), value: 1 }] }, "widgets.0.referenceLines.0.label"],
    ["a legend list on an expression", { graph: { type: "expression", expression: "a" }, legendList: ["a"] }, "widgets.0.legendList"],
    ["17 digits behind the point", value({ fractionSize: 17 }), "widgets.0.fractionSize: must be a whole number from 0 to 16"],
    ["a long suffix", value({ suffix: "x".repeat(17) }), "widgets.0.suffix"],
    [
      "two format rules",
      value({
        formatRules: [
          { threshold: 1, operator: ">" },
          { threshold: 1, operator: "<" },
        ],
      }),
      "widgets.0.formatRules",
    ],
    ["a format rule without an operator", value({ formatRules: [{ threshold: 1 }] }), "widgets.0.formatRules.0.operator"],
    ["a text that is none", markdown({ markdown: 1 }), "widgets.0.markdown: must be a text"],
    [
      "a host that does not exist",
      { graph: { type: "host", hostId: "nobody", name: "a" } },
      "widgets.0.graph.hostId: there is no host nobody",
    ],
    ["a service that does not exist", { graph: { type: "service", serviceName: "Nope", name: "a" } }, "there is no service Nope"],
    ["a role that does not exist", { type: "alertStatus", roleFullname: "Shop:nope", layout: at(0, 0) }, "there is no role Shop:nope"],
  ])("answers 400 for a widget with %s", async (_name, extra, message) => {
    const answer = await create([{ ...graph({ type: "unknown" }), ...extra }]);
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toContain(message);
  });

  test("answers 400 for widgets that lie on each other, and names both", async () => {
    const answer = await create([markdown(), markdown({ layout: at(6, 0) }), markdown({ layout: at(5, 5) })]);
    expect(refusal(answer)).toEqual({ status: 400, message: "widgets.2.layout: lies on the widget 0" });
    expect((await create([markdown(), markdown({ layout: at(6, 0) }), markdown({ layout: at(3, 6) })])).status).toBe(200);
  });

  test("answers 403 to a key that may only read", async () => {
    expect((await reader.post("/dashboards", body([]))).status).toBe(403);
  });
});

describe("GET /dashboards", () => {
  test("lists every dashboard with all its widgets, for `mkr dashboards pull` makes its files of the list", async () => {
    const made = (await create(everyWidget())).json;
    const { status, json } = await reader.get("/dashboards");
    expect(status).toBe(200);
    expect(Object.keys(json)).toEqual(["dashboards"]);
    expect(json.dashboards).toContainEqual(made);
  });

  test("is empty where there is none", async () => {
    const other = await rig.people.another("no-dashboards");
    const key = await rig.newKey(other, "read");
    expect((await rig.ask("GET", "/api/v0/dashboards?", { key })).json).toEqual({ dashboards: [] });
  });
});

describe("GET /dashboards/:id", () => {
  test("answers the dashboard itself", async () => {
    const made = (await create(everyWidget())).json;
    expect((await reader.get(`/dashboards/${made.id}`)).json).toEqual(made);
  });

  test("answers 404 for one that is not there or another organisation's", async () => {
    expect(refusal(await v0.get("/dashboards/nothing"))).toEqual({ status: 404, message: "There is no dashboard nothing." });
    const made = (await create([])).json;
    const key = await rig.newKey(await rig.people.another("stranger"), "read-write");
    expect((await rig.ask("GET", `/api/v0/dashboards/${made.id}?`, { key })).status).toBe(404);
    expect((await rig.ask("DELETE", `/api/v0/dashboards/${made.id}?`, { key })).status).toBe(404);
  });

  test("says that what a widget showed is gone, and shows it again when it is back", async () => {
    await v0.post("/services", { name: "Brief", memo: "" });
    await v0.post("/services/Brief/roles", { name: "web", memo: "" });
    const widgets = [
      graph({ type: "service", serviceName: "Brief", name: "a" }, { referenceLines: [] }),
      graph({ type: "role", roleFullname: "Brief: web", name: "a" }, { referenceLines: [], layout: at(6, 0) }),
      value({ metric: { type: "service", serviceName: "Brief", name: "a" }, formatRules: [], layout: at(12, 0) }),
      { type: "alertStatus", title: "s", roleFullname: "Brief:web", layout: at(18, 0) },
    ];
    const { id } = (await create(widgets)).json;
    await v0.del("/services/Brief");
    const gone = (await v0.get(`/dashboards/${id}`)).json;
    expect(gone.widgets.map((widget: Record<string, unknown>) => widget["graph"] ?? widget["metric"] ?? widget["roleFullname"])).toEqual([
      { type: "unknown" },
      { type: "unknown" },
      { type: "unknown" },
      null,
    ]);
    expect((await v0.put(`/dashboards/${id}`, { ...gone, urlPath: path() })).status).toBe(200);
    const again = (await create(widgets.slice(0, 1), {})).status;
    expect(again).toBe(400);
    await v0.post("/services", { name: "Brief", memo: "" });
    expect((await create(widgets.slice(0, 1), {})).json.widgets[0].graph).toEqual({ type: "service", serviceName: "Brief", name: "a" });
  });

  test("still shows a retired host", async () => {
    const { id } = (await v0.post("/hosts", { name: "old", meta: {} })).json;
    const made = (await create([graph({ type: "host", hostId: id, name: "cpu" })])).json;
    await v0.post(`/hosts/${id}/retire`, "null");
    expect((await v0.get(`/dashboards/${made.id}`)).json.widgets[0].graph).toEqual({ type: "host", hostId: id, name: "cpu" });
  });
});

describe("PUT /dashboards/:id", () => {
  test("replaces everything and answers the new state; what is left out is empty", async () => {
    const made = (await create(everyWidget(), { memo: "old" })).json;
    await rig.people.clock.advance(millis(61_000));
    const urlPath = path();
    const changed = await v0.put(`/dashboards/${made.id}`, { title: "New", urlPath, widgets: [markdown()] });
    expect(changed.json).toEqual({
      id: made.id,
      title: "New",
      memo: "",
      urlPath,
      widgets: [markdown()],
      createdAt: made.createdAt,
      updatedAt: rig.now(),
    });
    expect((await v0.get(`/dashboards/${made.id}`)).json).toEqual(changed.json);
  });

  test("may keep its own path, answers 409 for another's, 404 for none and 400 for a wrong one", async () => {
    const one = (await create([])).json;
    const two = (await create([])).json;
    expect((await v0.put(`/dashboards/${one.id}`, one)).json).toEqual(one);
    expect((await v0.put(`/dashboards/${one.id}`, { ...one, urlPath: two.urlPath })).status).toBe(409);
    expect((await v0.put("/dashboards/nothing", body([]))).status).toBe(404);
    expect((await v0.put(`/dashboards/${one.id}`, { ...one, urlPath: "a//b" })).status).toBe(400);
    expect((await v0.put(`/dashboards/${one.id}`, "null")).status).toBe(400);
    expect((await reader.put(`/dashboards/${one.id}`, one)).status).toBe(403);
  });
});

describe("DELETE /dashboards/:id", () => {
  test("answers what was there, without a body and with the content type of one", async () => {
    const made = (await create(everyWidget())).json;
    expect((await reader.del(`/dashboards/${made.id}`)).status).toBe(403);
    expect((await v0.del(`/dashboards/${made.id}`)).json).toEqual(made);
    expect((await v0.del(`/dashboards/${made.id}`)).status).toBe(404);
    expect((await v0.post("/dashboards", body([], { urlPath: made.urlPath }))).status).toBe(200);
  });
});
