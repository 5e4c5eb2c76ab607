import { act, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, test } from "vitest";
import { minutes, unixMs } from "#base/duration";
import type { SignedIn } from "#wire/identity";
import type { Incident, TimelineEntry } from "#wire/incidents";
import type { Graph } from "#wire/metrics";
import { CallError, type Call } from "#kit/call";
import { makeFormat } from "#kit/format";
import { MembershipContext, SessionContext } from "#kit/session";
import { renderUi } from "../../testing/render.tsx";
import { stillClock } from "../../testing/still-clock.ts";
import { ActionBar } from "./ActionBar.tsx";
import { around, graphOf, judgedIn, thresholdLines } from "./alert-graph-model.ts";
import { alertsQuery, parseAlertsSearch } from "./alerts-search.ts";
import { incidentsQuery, isFiltered, parseIncidentsSearch } from "./incidents-search.ts";
import { stintsOf } from "./Responders.tsx";
import { ResponderPanel } from "./ResponderPanel.tsx";
import { severityMessages } from "./severity-messages.ts";
import { countdown } from "./targets.ts";
import { timelineMessages } from "./timeline-messages.ts";
import { alertsIn, timelineText } from "./timeline-text.ts";

// A text area that grows listens to fonts, which this browser does not have.
Object.defineProperty(document, "fonts", { value: { addEventListener: () => undefined, removeEventListener: () => undefined } });

const now = 1_795_300_000_000;
const incident = (change: Partial<Incident> = {}): Incident => ({
  id: "i1",
  number: 7,
  title: "web-01: disk",
  severity: "critical",
  state: "open",
  openedAt: now - minutes(12),
  isFlapping: false,
  returns: 0,
  isManual: false,
  openAlerts: 1,
  alerts: 2,
  hosts: [],
  services: [],
  version: 1,
  description: "",
  openedBy: "system:alerting",
  members: [],
  mayAct: true,
  ...change,
});
const person = { id: "me", num: 1, name: "Sato", email: "sato@example.jp", language: "en", timeZone: "Asia/Tokyo" } as const;
const session = { signedIn: true, person, memberships: [], csrf: "c" } as unknown as SignedIn; // what these pieces read of it

type Answer = (path: string, input: { readonly body?: Readonly<Record<string, unknown>> }) => unknown;

/** A piece of the incident's page over a server that answers so; what it was sent. */
function draw(piece: React.ReactNode, answer: Answer = () => incident(), clock = stillClock(unixMs(now))): [string, unknown][] {
  const sent: [string, unknown][] = [];
  const call = (async (contract: { method: string; path: string }, input: { body?: Readonly<Record<string, unknown>> }) => {
    const path = contract.path.replace("/orgs/:org/", "");
    if (contract.method !== "GET") sent.push([path, input.body]);
    return answer(path, input);
  }) as unknown as Call;
  renderUi(
    <SessionContext value={session}>
      <MembershipContext value={{ organisationId: "o", name: "main", displayName: "Main", role: "collaborator" }}>
        {piece}
      </MembershipContext>
    </SessionContext>,
    { call, clock },
  );
  return sent;
}

describe("who has it", () => {
  test("is said in big: nobody, oneself, somebody else, or that it is over", () => {
    for (const [change, text] of [
      [{}, "Nobody has it"],
      [{ state: "taken", responder: { id: "me", name: "Sato" }, takenAt: now, takenVia: "slack" }, "You have it"],
      [{ state: "taken", responder: { id: "t", name: "Tanaka" }, takenAt: now, takenVia: "phone" }, "Tanaka has it"],
      [{ state: "resolved", resolvedAt: now }, "Resolved"],
    ] as const) {
      draw(<ResponderPanel incident={incident(change)} />, () => ({ runs: [], names: {} }));
      expect(screen.getAllByRole("status").at(-1)?.textContent).toContain(text);
    }
  });

  test("stands beside who is told next, counted down", async () => {
    const clock = stillClock(unixMs(now));
    const run = { state: "active", nextAt: now + 100_000, nextTargets: [{ kind: "schedule", scheduleId: "s", who: "now" }], isHeld: false };
    draw(<ResponderPanel incident={incident()} />, () => ({ runs: [run], names: { "schedule:s": "Night" } }), clock);
    expect(await screen.findByText("In 1:40 whoever is on duty in Night will be told")).toBeTruthy();
    act(() => clock.advance(minutes(2)));
    expect(await screen.findByText("whoever is on duty in Night: being told now")).toBeTruthy();
  });
});

describe("what can be done", () => {
  test("is taking by one press, which can be undone", async () => {
    const sent = draw(<ActionBar incident={incident()} />, (path) =>
      path.endsWith("take") ? incident({ state: "taken", responder: { id: "me", name: "Sato" } }) : incident(),
    );
    await userEvent.click(screen.getByRole("button", { name: "Take" }));
    await userEvent.click(await screen.findByRole("button", { name: "Undo" }));
    expect(sent).toEqual([
      ["incidents/:id/take", { via: "console" }],
      ["incidents/:id/release", { via: "console" }],
    ]);
  });

  test("tells whoever was slower who was faster", async () => {
    draw(<ActionBar incident={incident()} />, (path) => {
      if (path.endsWith("take")) throw new CallError({ status: 409, code: "conflict", detail: "somebody" });
      return incident({ state: "taken", responder: { id: "t", name: "Tanaka" }, takenAt: Date.UTC(2026, 10, 21, 17, 14) });
    });
    await userEvent.click(screen.getByRole("button", { name: "Take" }));
    expect(await screen.findByText("Tanaka was faster: taken at 02:14")).toBeTruthy();
  });

  test("is to say that one cannot, and to end it, after a question and with a note", async () => {
    const sent = draw(<ActionBar incident={incident()} />);
    await userEvent.click(screen.getByRole("button", { name: "Cannot" }));
    await userEvent.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "I cannot" }));
    await userEvent.click(screen.getByRole("button", { name: "Resolve" }));
    const dialog = within(await screen.findByRole("dialog", { name: "Resolve this incident?" }));
    expect(dialog.getByText(/One alert is still open/u)).toBeTruthy();
    await userEvent.type(dialog.getByRole("textbox", { name: "Note" }), " cleaned up ");
    await userEvent.click(dialog.getByRole("button", { name: "Resolve" }));
    expect(sent).toEqual([
      ["incidents/:id/decline", { via: "console" }],
      ["incidents/:id/resolve", { note: "cleaned up", via: "console" }],
    ]);
  });

  test("is to snooze for a length or until a time ahead, and to end that", async () => {
    const sent = draw(<ActionBar incident={incident()} />);
    await userEvent.click(screen.getByRole("button", { name: "Snooze" }));
    const dialog = within(await screen.findByRole("dialog"));
    await userEvent.click(dialog.getByRole("button", { name: "30 min" }));
    await userEvent.click(dialog.getByRole("button", { name: "Snooze" }));
    const [[path, body] = []] = sent as [string, { until: number }][];
    expect(path).toBe("incidents/:id/snooze");
    expect(Math.abs((body?.until ?? 0) - now - minutes(30))).toBeLessThanOrEqual(60_000);
  });

  test("offers nobody to take what somebody has, and only to reopen what is over", () => {
    draw(<ActionBar incident={incident({ state: "taken", responder: { id: "t", name: "Tanaka" } })} />);
    expect([screen.queryByRole("button", { name: "Take" }), screen.getByRole("button", { name: "Pass on" })].map(Boolean)).toEqual([
      false,
      true,
    ]);
    draw(<ActionBar incident={incident({ state: "resolved" })} />);
    expect(screen.getByRole("button", { name: "Reopen" })).toBeTruthy();
  });
});

const entry = (change: Partial<TimelineEntry>): TimelineEntry => ({
  id: "1",
  at: now,
  kind: "opened",
  by: "system:alerting",
  via: "system",
  text: "",
  detail: {},
  ...change,
});

describe("the timeline", () => {
  const words = { m: timelineMessages.en, severity: severityMessages.en, format: makeFormat("en", "Asia/Tokyo") };
  const say = (change: Partial<TimelineEntry>): string => timelineText(entry(change), words);
  test("says each line in a sentence, and one that it does not know by its name", () => {
    const sato = { id: "p", name: "Sato" };
    expect([
      say({}),
      say({ kind: "taken", person: sato }),
      say({ kind: "declined", byName: "Mori" }),
      say({ kind: "alerts-joined", detail: { count: 3 } }),
      say({ kind: "alerts-closed", detail: { alerts: [{ name: "CPU", message: "m" }, 4] } }),
      say({ kind: "severity-raised", detail: { to: "error" } }),
      say({ kind: "snoozed", detail: { until: now } }),
      say({ kind: "resolved", via: "console" }),
      say({ kind: "merged", detail: { number: 4 } }),
      say({ kind: "told", person: sato, detail: { media: ["phone", "mail"] } }),
      say({ kind: "not-told", detail: { channelId: "c" } }),
      say({ kind: "step", detail: { what: "nobody" } }),
      say({ kind: "call", person: sato, detail: { what: "dialled" } }),
      say({ kind: "call", person: sato, detail: { what: "key", key: "2" } }),
      say({ kind: "call", person: sato, detail: { what: "ended", cause: "busy" } }),
      say({ kind: "call", person: sato, detail: { what: "ended", cause: "finished" } }),
      say({ kind: "door-opened" }),
    ]).toEqual([
      "Opened",
      "Sato took it",
      "Mori cannot take it",
      "3 alerts joined",
      "1 alert ended",
      "It got worse: Error",
      `Snoozed until ${words.format.dateTime(unixMs(now))}`,
      "Resolved",
      "Incident #4 was merged into it",
      "Sato told by mail, by phone",
      "A channel could not be told",
      "Nobody is on duty there: the next one",
      "Calling Sato",
      "Sato pressed 2",
      "Sato: busy",
      "The call with Sato is over",
      "door-opened",
    ]);
    expect(alertsIn(entry({ detail: { alerts: "x" } }))).toEqual([]);
  });

  test("tells who had it, one after the other", () => {
    const at = (kind: string, minute: number, name?: string): TimelineEntry =>
      entry({ id: `${kind}${minute}`, kind, at: minute, ...(name === undefined ? {} : { person: { id: name, name } }) });
    const lines = [at("opened", 0), at("taken", 1, "A"), at("passed", 2, "B"), at("released", 3, "B"), at("taken", 5, "A")];
    expect(stintsOf(lines.toReversed()).map(({ name, from, until }) => [name, from, until])).toEqual([
      ["A", 1, 2],
      ["B", 2, 3],
      ["A", 5, undefined],
    ]);
  });
});

test("the addresses of the lists remember what was chosen, and nothing that makes no sense", () => {
  expect(parseIncidentsSearch({ tab: "taken", severity: "error,none", page: "3", text: "" })).toEqual({
    tab: "taken",
    severity: ["error"],
    page: 3,
  });
  expect(incidentsQuery({})).toEqual({ state: ["open", "taken"], limit: 50, offset: 0 });
  expect(incidentsQuery({ tab: "mine", page: 2, text: "a" })).toEqual({ mine: true, text: "a", limit: 50, offset: 50 });
  expect(incidentsQuery({ tab: "all" })).toEqual({ limit: 50, offset: 0 });
  expect([isFiltered({ tab: "taken" }), isFiltered({ text: "a" })]).toEqual([false, true]);
  expect(incidentsQuery(parseIncidentsSearch({ tab: "all", from: "1", to: "x", takenBy: "p" }))).toEqual({
    from: 1,
    takenBy: "p",
    limit: 50,
    offset: 0,
  });
  expect(alertsQuery(parseAlertsSearch({ state: "closed", status: "CRITICAL", host: "h", page: "1" }))).toEqual({
    state: "closed",
    status: ["CRITICAL"],
    host: "h",
    limit: 50,
    offset: 0,
  });
});

test("the graph of an alert is the one of its metric, with its thresholds, around the moment of opening", () => {
  const graph: Graph = { name: "loadavg", kind: "system", title: "", unit: "float", isStacked: false, series: [] };
  const cpu = { ...graph, name: "cpu" };
  expect([graphOf([graph, cpu], "cpu%")?.name, graphOf([graph], "nothing")]).toEqual(["cpu", undefined]);
  const judged = judgedIn({ metricLabel: "loadavg5", monitorOperator: ">", warningThreshold: 4, criticalThreshold: 6 });
  expect(judged).toEqual({ metric: "loadavg5", operator: ">", warning: 4, critical: 6 });
  const labels = { warning: "Warning", critical: "Critical" };
  expect(thresholdLines(judged, labels)).toEqual([
    { label: "Warning", value: 4 },
    { label: "Critical", value: 6 },
  ]);
  expect(thresholdLines({ ...judged, metric: "cpu%" }, labels)).toEqual([]);
  expect(judgedIn({ metric: 4, warning: "x" })).toEqual({
    metric: undefined,
    operator: undefined,
    warning: undefined,
    critical: undefined,
  });
  const hour = 3_600_000;
  expect(around(10 * hour, undefined, 10 * hour)).toEqual({ from: 9 * 3600, to: 10 * 3600 + 60 });
  expect(around(10 * hour, 10 * hour, 20 * hour)).toEqual({ from: 9 * 3600, to: 10 * 3600 + 1800 });
});

test("a time until something is written as minutes and seconds", () => {
  expect([5, 100, 3600, 7384].map(countdown)).toEqual(["0:05", "1:40", "1:00:00", "2:03:04"]);
});
