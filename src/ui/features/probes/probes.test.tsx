import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, test } from "vitest";
import type { Call } from "#kit/call";
import { MembershipContext } from "#kit/session";
import type { MonitorSettings } from "#wire/monitor-settings";
import type { MemberRole } from "#wire/permissions";
import type { ProbeRun } from "#wire/probes";
import { renderUi } from "../../testing/render.tsx";
import { ProbeResults } from "./ProbeResults.tsx";
import { specOfSettings } from "./spec-of.ts";
import { TryProbe } from "./TryProbe.tsx";

const outcome = {
  verdict: "certificate-expired",
  message: "the certificate expired on 2026-11-01",
  millis: 42.25,
  address: "192.0.2.7:443",
  steps: [
    { phase: "resolve", startMillis: 0, millis: 2, verdict: "ok", detail: "192.0.2.7" },
    { phase: "tls", startMillis: 2, millis: 40.25, verdict: "certificate-expired", detail: "the certificate expired on 2026-11-01" },
  ],
  tls: {
    version: "TLSv1.3",
    cipher: "TLS_AES_256_GCM_SHA384",
    certificate: {
      subject: "CN=shop.example.jp",
      issuer: "CN=Example CA",
      names: ["shop.example.jp"],
      serial: "01",
      sha256: "ab".repeat(32),
      notBefore: 1_780_000_000_000,
      notAfter: 1_793_500_000_000,
      key: "EC prime256v1",
      signature: "ECDSA-SHA256",
      chainLength: 2,
      problems: ["certificate-expired", "certificate-name"],
    },
  },
} satisfies ProbeRun["outcome"];

const run = (state: ProbeRun["state"]): ProbeRun => ({
  id: "r1",
  from: "server",
  fromName: "",
  spec: { kind: "tcp", host: "shop.example.jp", port: 443 },
  state,
  askedAt: 1_795_326_000_000,
  askedBy: "person:p",
  steps: outcome.steps.slice(0, state === "done" ? 2 : 1),
  ...(state === "done" ? { outcome } : {}),
});

function draw(page: React.ReactNode, role: MemberRole = "collaborator"): [string, unknown][] {
  const sent: [string, unknown][] = [];
  let asked = 0;
  const call = (async (contract: { method: string; path: string }, input: { body?: object }) => {
    const path = contract.path.replace("/orgs/:org", "");
    if (contract.method === "POST") {
      sent.push([path, input.body]);
      return run("running");
    }
    if (path === "/probes/runs/:id") return run((asked += 1) > 1 ? "done" : "running");
    if (path === "/probes/vantages")
      return {
        vantages: [
          { vantage: "server", name: "" },
          { vantage: "host:h1", name: "tokyo1" },
        ],
      };
    if (path.endsWith("/results")) return { results: [{ vantage: "host:h1", at: 1_795_326_000_000, outcome }] };
    return {
      vantages: [
        {
          vantage: "server",
          name: "",
          isSilent: false,
          last: { vantage: "server", at: 1_795_326_000_000, outcome: { ...outcome, verdict: "ok" } },
        },
        { vantage: "host:h1", name: "tokyo1", isSilent: false, last: { vantage: "host:h1", at: 1_795_326_000_000, outcome } },
        { vantage: "host:h2", name: "osaka1", isSilent: true },
      ],
    };
  }) as unknown as Call;
  renderUi(<MembershipContext value={{ organisationId: "o", name: "main", displayName: "Main", role }}>{page}</MembershipContext>, {
    call,
  });
  return sent;
}

describe("trying a probe", () => {
  test("shows each step while it goes, then what it means and what was seen", async () => {
    const sent = draw(<TryProbe spec={{ kind: "tcp", host: "shop.example.jp", port: 443 }} />);
    await userEvent.click(await screen.findByRole("button", { name: "Try now" }));
    expect(sent).toEqual([["/probes/runs", { spec: { kind: "tcp", host: "shop.example.jp", port: 443 }, from: "server" }]]);
    expect(await screen.findByText("Name look-up")).toBeTruthy();
    expect(await screen.findByText(/The certificate is no longer valid/u, undefined, { timeout: 5000 })).toBeTruthy();
    expect(screen.getByText("certificate expired, certificate for another name")).toBeTruthy();
    expect(screen.getByText("42 ms in all")).toBeTruthy();
  });

  test("waits for something to ask, and is nothing for viewers", async () => {
    draw(<TryProbe spec={undefined} />);
    expect(await screen.findByRole("button", { name: "Try now" })).toHaveProperty("disabled", true);
  });

  test("is nothing for viewers", () => {
    draw(<TryProbe spec={undefined} />, "viewer");
    expect(screen.queryByRole("button", { name: "Try now" })).toBeNull();
  });
});

test("the results of a monitor tell each place, and begin with one that fails", async () => {
  draw(<ProbeResults monitorId="m1" />);
  const row = await screen.findByRole("row", { name: /tokyo1/u });
  expect(within(row).getByText("certificate expired")).toBeTruthy();
  expect(screen.getByText("Reports nothing")).toBeTruthy();
  expect(await screen.findByText("0 of the last 1 worked")).toBeTruthy();
  expect(await screen.findByText(/The certificate is no longer valid/u)).toBeTruthy();
});

test.each<[MonitorSettings, unknown]>([
  [{ type: "external", name: "a", url: "" }, undefined],
  [
    { type: "external", name: "a", url: "https://a/", containsString: "", dualstack: "auto" },
    { kind: "http", url: "https://a/", family: "auto" },
  ],
  [{ type: "tcp", name: "a", probe: { kind: "tcp", host: "", port: 1 } }, undefined],
  [
    { type: "tcp", name: "a", probe: { kind: "tcp", host: "a", port: 1 } },
    { kind: "tcp", host: "a", port: 1 },
  ],
  [{ type: "connectivity", name: "a" }, undefined],
])("what %j asks", (settings, expected) => {
  expect(specOfSettings(settings)).toEqual(expected);
});
