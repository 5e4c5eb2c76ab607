import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { CallError, type Call } from "#kit/call";
import { MembershipContext } from "#kit/session";
import { renderUi } from "../../testing/render.tsx";
import { NetworksSection } from "./NetworksSection.tsx";

const address = "192.0.2.10";

// A text area that grows listens to fonts, which this browser does not have.
Object.defineProperty(document, "fonts", { value: { addEventListener: () => undefined, removeEventListener: () => undefined } });

function draw(role: "manager" | "collaborator", answer: (networks: readonly string[]) => readonly string[]): unknown[] {
  const sent: unknown[] = [];
  const call = (async (contract: { method: string }, input: { params: object; body: { networks: string[] } }) => {
    if (contract.method === "GET") return { web: [], api: ["198.51.100.0/24"], address };
    sent.push([input.params, input.body]);
    return { web: answer(input.body.networks), api: [], address };
  }) as unknown as Call;
  const membership = { organisationId: "o", name: "main", displayName: "Main", role };
  renderUi(
    <MembershipContext value={membership}>
      <NetworksSection />
    </MembershipContext>,
    { call },
  );
  return sent;
}

test("networks are sent one by one as they were typed, whatever stands between them", async () => {
  const sent = draw("manager", (networks) => networks);
  const field = await screen.findByRole("textbox", { name: "The console" });
  await userEvent.type(field, "192.0.2.0/24, 2001:db8::/32{enter}10.0.0.1");
  await userEvent.click(screen.getAllByRole("button", { name: "Save" })[0] ?? field);
  expect(await screen.findByText("Saved. It counts from now on.")).toBeTruthy();
  expect(sent).toEqual([[{ org: "main", method: "web" }, { networks: ["192.0.2.0/24", "2001:db8::/32", "10.0.0.1"] }]]);
});

test("who would shut themselves out is told by which address", async () => {
  draw("manager", () => {
    throw new CallError({
      status: 400,
      code: "invalid-input",
      detail: `networks: would shut you out: your own address, ${address}, is in none of them`,
    });
  });
  const field = await screen.findByRole("textbox", { name: "The console" });
  await userEvent.type(field, "203.0.113.7");
  await userEvent.click(screen.getAllByRole("button", { name: "Save" })[0] ?? field);
  expect(await screen.findByText(`You would shut yourself out: your address ${address} is in none of them.`)).toBeTruthy();
});

test("somebody who may not change them sees them and why", async () => {
  draw("collaborator", () => []);
  const field = await screen.findByRole("textbox", { name: "API keys" });
  expect([(field as HTMLTextAreaElement).value, (field as HTMLTextAreaElement).disabled]).toEqual(["198.51.100.0/24", true]);
  expect(screen.queryByRole("button", { name: "Save" })).toBeNull();
});
