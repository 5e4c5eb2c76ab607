import { fireEvent, screen, waitFor } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import type { MemberRole } from "#wire/permissions";
import {
  changeNotificationGroup,
  changeRoutingSettings,
  createAlertGroupSetting,
  deleteNotificationGroup,
  type NotificationGroup,
  type RoutedChannel,
} from "#wire/routing";
import type { Call } from "#kit/call";
import { MembershipContext } from "#kit/session";
import { renderUi } from "../../testing/render.tsx";
import { AlertGroupDialog, alertGroupOf } from "./AlertGroupDialog.tsx";
import { FloodSection } from "./FloodSection.tsx";
import { groupOf, groupValuesOf } from "./GroupDialog.tsx";
import { GroupTable } from "./GroupTable.tsx";
import { TryOut } from "./TryOut.tsx";

// A text area that grows listens to fonts, which this browser does not have.
Object.defineProperty(document, "fonts", { value: { addEventListener: () => undefined, removeEventListener: () => undefined } });

const channels: RoutedChannel[] = [{ id: "c1", name: "Chat", type: "slack", events: ["alert"], isSuspended: false }];
const group = (more: Partial<NotificationGroup> = {}): NotificationGroup => ({
  id: "g1",
  type: "group",
  name: "Night",
  notificationLevel: "critical",
  childNotificationGroupIds: [],
  childChannelIds: ["c1"],
  monitorNames: { m1: "CPU" },
  createdAt: 0,
  ...more,
});
const first = group({ id: "g0", type: "group-default", name: "Default", notificationLevel: "all", childChannelIds: [] });

interface Asked {
  readonly operation: unknown;
  readonly body: unknown;
  readonly params: unknown;
}

function caller(tried: object = { channels: [], silent: [], alertGroups: [] }): { readonly call: Call; readonly acts: Asked[] } {
  const acts: Asked[] = [];
  const answer = async (
    operation: { readonly method: string; readonly path: string },
    { body, params }: { body?: unknown; params?: unknown } = {},
  ) => {
    if (operation.path.endsWith("/try")) return tried;
    if (operation.method !== "GET") {
      acts.push({ operation, body, params });
      return group();
    }
    if (operation.path.endsWith("/routing-settings")) return { bundleAbove: 20, bundleSeconds: 30 };
    if (operation.path.endsWith("/services"))
      return { services: [{ name: "Shop", memo: "", hosts: 0, createdAt: 0, roles: [] }], total: 1 };
    if (operation.path.endsWith("/hosts")) return { hosts: [], total: 0 };
    return { monitors: [], total: 0, counts: { all: 0, bad: 0, muted: 0 } };
  };
  return { call: answer as unknown as Call, acts }; // the pieces under test ask for nothing else
}

const within = (ui: React.ReactNode, role: MemberRole = "collaborator") => (
  <MembershipContext value={{ organisationId: "o", name: "main", displayName: "Main", role }}>{ui}</MembershipContext>
);
const table = (groups: readonly NotificationGroup[]) => (
  <GroupTable groups={groups} channels={channels} error={undefined} onRetry={() => undefined} />
);

describe("the table of groups", () => {
  test("says what each hears of, to whom it hands it, and that one hands it to nobody", () => {
    const kept = group({ monitors: [{ id: "m1", skipDefault: true }], services: [{ name: "Shop" }], childNotificationGroupIds: ["g0"] });
    renderUi(within(table([first, kept])), { call: caller().call });
    expect(screen.getByText("Everything that no other group keeps to itself")).toBeTruthy();
    expect(screen.getByText("Monitors: CPU (not to the default group)")).toBeTruthy();
    expect(screen.getByText("Services: Shop")).toBeTruthy();
    expect(screen.getByText("Nobody")).toBeTruthy();
    expect(screen.getByText("Groups: Default")).toBeTruthy();
  });

  test("calls the default group in the reader's language, and offers viewers nothing", () => {
    renderUi(within(table([first]), "viewer"), { language: "ja" });
    expect(screen.getByText("デフォルト")).toBeTruthy();
    expect(screen.queryByRole("button", { name: /操作/u })).toBeNull();
  });

  test("deletes a group only after asking, and never the default one", async () => {
    const { call, acts } = caller();
    renderUi(within(table([first, group()])), { call });
    fireEvent.click(screen.getByRole("button", { name: "Actions: Default" }));
    await screen.findByRole("menuitem", { name: "Edit" });
    expect(screen.queryByRole("menuitem", { name: "Delete" })).toBeNull();
    fireEvent.click(screen.getByRole("button", { name: "Actions: Night" }));
    fireEvent.click(await screen.findByRole("menuitem", { name: "Delete" }));
    expect(acts).toEqual([]);
    fireEvent.click(await screen.findByRole("button", { name: "Delete" }));
    await waitFor(() => expect(acts).toEqual([{ operation: deleteNotificationGroup, params: { org: "main", id: "g1" }, body: undefined }]));
  });

  test("saves the default group under its own name", async () => {
    const { call, acts } = caller();
    renderUi(within(table([first])), { call, language: "ja" });
    fireEvent.click(screen.getByRole("button", { name: "操作: デフォルト" }));
    fireEvent.click(await screen.findByRole("menuitem", { name: "編集" }));
    fireEvent.change(await screen.findByLabelText("通知レベル"), { target: { value: "critical" } });
    fireEvent.click(screen.getByRole("button", { name: "保存" }));
    await waitFor(() => expect(acts).toHaveLength(1));
    expect(acts[0]).toMatchObject({ operation: changeNotificationGroup, body: { name: "Default", notificationLevel: "critical" } });
  });
});

test("the form of a group gives back what it was given, with the lists that were there", () => {
  for (const of of [
    group(),
    group({ monitors: [], services: [] }),
    group({
      monitors: [
        { id: "m1", skipDefault: true },
        { id: "m2", skipDefault: false },
      ],
    }),
  ]) {
    const { id: _id, type: _type, monitorNames: _names, createdAt: _at, ...written } = of;
    expect(groupOf(groupValuesOf(of), of)).toEqual(written);
  }
});

describe("trying out", () => {
  test("asks the server and says who is told and why others are not", async () => {
    const tried = {
      channels: [
        { channelId: "c1", name: "Chat", type: "slack", via: ["Default", "Night"], isTold: true },
        { channelId: "c2", name: "Old", type: "webhook", via: ["Default"], isTold: false, because: "suspended" },
      ],
      silent: ["Pagers"],
      alertGroups: [],
    };
    renderUi(within(<TryOut />), { call: caller(tried).call });
    fireEvent.click(screen.getByRole("button", { name: "Work it out" }));
    expect(await screen.findByText("Default → Night")).toBeTruthy();
    expect(screen.getByText("The channel is suspended")).toBeTruthy();
    expect(screen.getByText(/only critical alerts are passed on: Pagers/u)).toBeTruthy();
    expect(screen.queryByText("Nobody would be told of this alert.")).toBeNull();
  });

  test("says loudly that nobody would be told", async () => {
    renderUi(within(<TryOut />), { call: caller().call, language: "ja" });
    fireEvent.click(screen.getByRole("button", { name: "確かめる" }));
    expect((await screen.findAllByText("このアラートは誰にも通知されません。")).length).toBeGreaterThan(0);
  });
});

describe("alert groups", () => {
  test("leave out what is empty", () => {
    const empty = { name: " All ", memo: "", serviceScopes: [], roleScopes: [], monitorScopes: [], notificationInterval: "" };
    expect(alertGroupOf(empty)).toEqual({ name: "All" });
    expect(alertGroupOf({ ...empty, roleScopes: ["Shop: web"], notificationInterval: 30 })).toEqual({
      name: "All",
      roleScopes: ["Shop: web"],
      notificationInterval: 30,
    });
  });

  test("are created from what was typed", async () => {
    const { call, acts } = caller();
    renderUi(within(<AlertGroupDialog setting={undefined} onClose={() => undefined} />), { call });
    fireEvent.change(screen.getByLabelText("Name"), { target: { value: "Shop" } });
    fireEvent.click(screen.getByRole("button", { name: "Add alert group" }));
    await waitFor(() => expect(acts).toMatchObject([{ operation: createAlertGroupSetting, body: { name: "Shop" } }]));
  });
});

test("when messages are summed up is saved by those who may", async () => {
  const { call, acts } = caller();
  renderUi(within(<FloodSection />), { call });
  fireEvent.change(await screen.findByLabelText("Sum up more than"), { target: { value: "5" } });
  fireEvent.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(acts).toMatchObject([{ operation: changeRoutingSettings, body: { bundleAbove: 5, bundleSeconds: 30 } }]));
});
