import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { describe, expect, test } from "vitest";
import { MembershipContext } from "#kit/session";
import { renderUi } from "../../testing/render.tsx";
import { useShownHosts } from "./use-role-graphs.ts";

/** The role page's switch, without the page. */
function Switch({ begins }: { readonly begins: "auto" | "all" }) {
  const [remembered, remember] = useState(begins);
  const { show, hasChoice, choose } = useShownHosts({ service: "shop", role: "web" }, { range: "1h" }, remembered, remember);
  return (
    <>
      <output>{`${show}, remembered ${remembered}`}</output>
      {hasChoice && (
        <button type="button" onClick={() => choose(show === "all" ? "auto" : "all")}>
          Switch
        </button>
      )}
    </>
  );
}

const draw = (hosts: number, begins: "auto" | "all") =>
  renderUi(
    <MembershipContext value={{ organisationId: "o", name: "main", displayName: "Main", role: "owner" }}>
      <Switch begins={begins} />
    </MembershipContext>,
    { call: () => Promise.resolve({ members: [], total: hosts } as never) },
  );
const shown = (text: string): Promise<HTMLElement> => screen.findByText(text);

describe("the hosts of a role", () => {
  test("are all shown up to thirty, and nothing is asked", async () => {
    draw(30, "all");
    await shown("all, remembered all");
    expect(screen.queryByRole("button")).toBe(null);
  });
  test("are a choice above thirty, which the address remembers", async () => {
    draw(31, "auto");
    const button = await screen.findByRole("button");
    await shown("auto, remembered auto");
    await userEvent.click(button);
    await shown("all, remembered all");
  });
  test("begin simplified above two hundred whatever the address remembers, and are shown for this visit when asked for", async () => {
    draw(201, "all");
    const button = await screen.findByRole("button");
    await shown("auto, remembered all");
    await userEvent.click(button);
    await shown("all, remembered all");
    await userEvent.click(button);
    await shown("auto, remembered all");
  });
});
