import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, test } from "vitest";
import { CallError, type Call } from "#kit/call";
import { MembershipContext } from "#kit/session";
import type { MemberRole } from "#wire/permissions";
import type { ZabbixHost, ZabbixSettings } from "#wire/zabbix";
import { renderUi } from "../../testing/render.tsx";
import { clockState, networksOf, serverLine } from "./agent-lines.ts";
import { ZabbixPage } from "./ZabbixPage.tsx";

// A text area that grows listens to fonts, which this browser does not have.
Object.defineProperty(document, "fonts", { value: { addEventListener: () => undefined, removeEventListener: () => undefined } });

const settings: ZabbixSettings = { port: 10_051, networks: ["127.0.0.0/8", "10.0.0.0/8"], autoregister: true, refusals: [] };
const web: ZabbixHost = {
  name: "web-1",
  hostId: "h1",
  agent: "agent2",
  version: "6.0.14",
  address: "10.0.0.5",
  lastSeenAt: 1_795_326_000_000,
  clockOffset: -90_000_000,
  unsupported: [{ key: "vfs.fs.get", message: "Unknown metric", since: 1_795_326_000_000, isReplaced: true }],
  textValues: 1,
  lateValues: 2,
};

interface Answers {
  readonly settings?: Partial<ZabbixSettings>;
  readonly hosts?: readonly ZabbixHost[];
  readonly role?: MemberRole;
  readonly create?: () => object;
}

/** The page over a server that answers so; what it was sent. */
function draw({ settings: more = {}, hosts = [], role = "manager", create = () => ({}) }: Answers = {}): [string, unknown][] {
  const sent: [string, unknown][] = [];
  const call = (async (contract: { method: string; path: string }, input: { body?: object }) => {
    const path = contract.path.replace("/orgs/:org/zabbix", "");
    if (contract.method !== "GET") sent.push([`${contract.method} ${path}`, input.body]);
    if (contract.method === "POST") return create();
    if (path === "/psks") return { psks: [], total: 0 };
    if (path === "/hosts") return { hosts, total: hosts.length };
    return { ...settings, ...more, ...input.body };
  }) as unknown as Call;
  renderUi(
    <MembershipContext value={{ organisationId: "o", name: "main", displayName: "Main", role }}>
      <ZabbixPage />
    </MembershipContext>,
    { call },
  );
  return sent;
}

const click = async (name: string): Promise<void> => userEvent.click(await screen.findByRole("button", { name }));

describe("the page of Zabbix agents", () => {
  test("tells the one line to change, and what of a host's values was left out and why", async () => {
    draw({ hosts: [web] });
    expect((await screen.findByLabelText<HTMLInputElement>("Line of the configuration")).value).toBe("ServerActive=localhost");
    expect(await screen.findByText("25 h behind")).toBeTruthy();
    expect([screen.getByText("Agent 2 6.0.14"), screen.getByText("2 with wrong time"), screen.getByText("1 text")].every(Boolean)).toBe(
      true,
    );
    await click("1 item unsupported: web-1");
    const dialog = await screen.findByRole("dialog");
    expect(within(dialog).getByText("Unknown metric")).toBeTruthy();
    expect(within(dialog).getByText("Other items stand in")).toBeTruthy();
  });

  test("says so when the port cannot be had or is closed", async () => {
    draw({ settings: { port: 0, problem: "EADDRINUSE" } });
    expect(await screen.findByText(/the port cannot be had\. EADDRINUSE/u)).toBeTruthy();
  });

  test("sends the networks one by one and whether strangers become hosts", async () => {
    const sent = draw();
    const field = await screen.findByRole("textbox", { name: "Networks without encryption" });
    await userEvent.clear(field);
    await userEvent.type(field, "192.0.2.0/24, 2001:db8::/32");
    await userEvent.click(screen.getByRole("switch", { name: /^Agents that are not known yet become hosts/u }));
    await click("Save");
    expect(sent).toEqual([["PUT ", { networks: ["192.0.2.0/24", "2001:db8::/32"], autoregister: false }]]);
  });

  test("makes a key and shows it with the lines that an agent needs", async () => {
    const psk = { id: "k", identity: "hinoban-k", createdBy: "person:p", createdAt: 1 };
    const sent = draw({ create: () => ({ psk, key: "ab".repeat(32) }) });
    await click("Create key");
    await userEvent.type(await screen.findByRole("textbox", { name: "Only for host" }), "web-1");
    await userEvent.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Create key" }));
    expect((await screen.findByLabelText<HTMLInputElement>("Key: the content of the file")).value).toBe("ab".repeat(32));
    expect(screen.getByLabelText<HTMLTextAreaElement>("Lines of the agent's configuration").value).toBe(
      "ServerActive=localhost\nTLSConnect=psk\nTLSPSKIdentity=hinoban-k\nTLSPSKFile=/etc/zabbix/hinoban.psk",
    );
    expect(sent).toEqual([["POST /psks", { hostName: "web-1" }]]);
  });

  test("explains a key that is none, and an identity that somebody has", async () => {
    const refuse = (): never => {
      throw new CallError({ status: 409, code: "conflict", detail: "taken" });
    };
    const sent = draw({ create: refuse });
    await click("Create key");
    const key = await screen.findByRole("textbox", { name: "Existing key" });
    await userEvent.type(key, "xyz");
    const create = within(screen.getByRole("dialog")).getByRole("button", { name: "Create key" });
    await userEvent.click(create);
    expect(await screen.findByText("32 to 512 hexadecimal digits, an even number.")).toBeTruthy();
    expect(sent).toEqual([]);
    await userEvent.clear(key);
    await userEvent.click(create);
    expect(await screen.findByText("This identity is in use. Choose another one.")).toBeTruthy();
  });

  test("offers a viewer nothing to change and no keys", async () => {
    draw({ role: "viewer" });
    expect(await screen.findByText("Managers and owners may change this.")).toBeTruthy();
    expect([screen.queryByRole("button", { name: "Save" }), screen.queryByText("Pre-shared keys")]).toEqual([null, null]);
  });
});

test("a line names the port only when agents would not take it by themselves", () => {
  expect([serverLine("h.example.jp", 10_051), serverLine("h.example.jp", 10_060), serverLine("::1", 10_060)]).toEqual([
    "ServerActive=h.example.jp",
    "ServerActive=h.example.jp:10060",
    "ServerActive=[::1]:10060",
  ]);
  expect(networksOf(" 10.0.0.0/8,\n\n ::1 ")).toEqual(["10.0.0.0/8", "::1"]);
});

test("a clock is right within the seconds that an agent gathers values", () => {
  expect([-14_000, 16_000, -300_000, 90_000_000].map(clockState)).toEqual([
    { kind: "right" },
    { kind: "ahead", amount: 16, unit: "seconds" },
    { kind: "behind", amount: 5, unit: "minutes" },
    { kind: "ahead", amount: 25, unit: "hours" },
  ]);
});
