import { beforeAll, describe, expect, test } from "vitest";
import type { Actor } from "#http";
import { openInventory, registerHost, type Inventory } from "#features/inventory";
import { withPeople } from "#test/people";
import type { MarkdownWidget, Widget } from "#wire/dashboards";
import { changeAnnotation } from "./change-annotation.ts";
import { changeDashboard } from "./change-dashboard.ts";
import { createAnnotation } from "./create-annotation.ts";
import { createDashboard } from "./create-dashboard.ts";
import { deleteAnnotation } from "./delete-annotation.ts";
import { deleteDashboard } from "./delete-dashboard.ts";
import { namesOf } from "./names.ts";
import { annotationsIn } from "./read-annotations.ts";
import { pageOfDashboards, readDashboard } from "./read-dashboards.ts";

const people = withPeople();
let inventory: Inventory;
let owner: Actor;
let viewer: Actor;
let stranger: Actor;
let count = 0;

beforeAll(async () => {
  inventory = openInventory(people.identity);
  owner = people.first.actor;
  viewer = (await people.join(people.first, "viewer")).actor;
  stranger = (await people.another("stranger")).actor;
  const roles = [
    { service: "Shop", role: "web" },
    { service: "Shop", role: "db" },
  ];
  await registerHost(inventory, owner, { name: "h", roles, onExisting: "refuse" });
});

const scope = () => ({ organisationId: owner.organisationId });
const text = (markdown: string, y = 0): MarkdownWidget => ({
  type: "markdown",
  title: "",
  markdown,
  layout: { x: 0, y, width: 12, height: 4 },
});
const input = (extra: object = {}) => ({
  title: "Wall",
  memo: "",
  urlPath: `p${(count += 1)}`,
  widgets: [text("hi")] as Widget[],
  ...extra,
});
const refused = { code: "forbidden", facts: { permission: "dashboard.change" } };

describe("a dashboard", () => {
  test("is created, changed and deleted by one act each", async () => {
    await people.acts();
    const made = await createDashboard(people.identity, owner, input({ title: "火の番" }));
    const changed = await changeDashboard(people.identity, owner, { ...made, title: "Night", widgets: [text("a"), text("b", 4)] });
    expect(changed).toMatchObject({ title: "Night", createdAt: made.createdAt, updatedAt: made.updatedAt + 1 });
    await changeDashboard(people.identity, owner, { ...changed });
    expect(await deleteDashboard(people.identity, owner, made.id)).toEqual(changed);
    const acts = await people.acts();
    expect(acts.map(({ verb, object, actor, outcome }) => [verb, object, actor, outcome])).toEqual(
      ["dashboard.created", "dashboard.changed", "dashboard.deleted"].map((verb) => [
        verb,
        `dashboard:${made.id}`,
        `person:${owner.kind === "person" ? owner.personId : ""}`,
        "done",
      ]),
    );
    expect(acts[1]?.detail["fields"]).toEqual(["title", "widgets"]);
    await expect(deleteDashboard(people.identity, owner, made.id)).rejects.toMatchObject({ code: "not-found" });
  });

  test("is not a viewer's to change", async () => {
    const made = await createDashboard(people.identity, owner, input());
    await expect(createDashboard(people.identity, viewer, input())).rejects.toMatchObject(refused);
    await expect(changeDashboard(people.identity, viewer, { ...made })).rejects.toMatchObject(refused);
    await expect(deleteDashboard(people.identity, viewer, made.id)).rejects.toMatchObject(refused);
  });

  test("of another organisation does not exist, and its path is free there", async () => {
    const made = await createDashboard(people.identity, owner, input());
    await expect(changeDashboard(people.identity, stranger, { ...made })).rejects.toMatchObject({ code: "not-found" });
    await expect(deleteDashboard(people.identity, stranger, made.id)).rejects.toMatchObject({ code: "not-found" });
    expect((await createDashboard(people.identity, stranger, { ...made })).id).not.toBe(made.id);
    await expect(
      createDashboard(people.identity, stranger, input({ widgets: [{ ...text(""), type: "alertStatus", roleFullname: "Shop:web" }] })),
    ).rejects.toMatchObject({ code: "invalid-input" });
  });

  test("that somebody else changed meanwhile is not overwritten by whoever says what they saw", async () => {
    const made = await createDashboard(people.identity, owner, input());
    const mine = await changeDashboard(people.identity, owner, { ...made, title: "mine", basedOn: made.updatedAt });
    await expect(changeDashboard(people.identity, owner, { ...made, title: "theirs", basedOn: made.updatedAt })).rejects.toMatchObject({
      code: "conflict",
      facts: { updatedAt: mine.updatedAt },
    });
    const { title } = await people.identity.db.tx(scope(), (tx) => readDashboard(tx, made.id));
    expect(title).toBe("mine");
  });

  test("has a path of its own: of two that take one at the same moment, one gets it", async () => {
    const results = await Promise.allSettled([
      createDashboard(people.identity, owner, input({ urlPath: "contested" })),
      createDashboard(people.identity, owner, input({ urlPath: "contested" })),
    ]);
    expect(results.map((result) => result.status).toSorted()).toEqual(["fulfilled", "rejected"]);
    const [one, two] = [await createDashboard(people.identity, owner, input()), await createDashboard(people.identity, owner, input())];
    const changes = await Promise.allSettled(
      [one, two].map((made) => changeDashboard(people.identity, owner, { ...made, urlPath: "wanted" })),
    );
    expect(changes.find((result) => result.status === "rejected")).toMatchObject({ reason: { code: "conflict" } });
    expect(changes.filter((result) => result.status === "fulfilled")).toHaveLength(1);
  });

  test("is found by a part of its title, memo or path, and named in the history", async () => {
    const { id } = await createDashboard(people.identity, owner, input({ title: "Zebra", memo: "stripes", urlPath: "animals/zebra" }));
    for (const part of ["zebr", "STRIPES", "animals/"]) {
      const found = await people.identity.db.tx(scope(), (tx) => pageOfDashboards(tx, { text: part, offset: 0, limit: 10 }));
      expect(found).toMatchObject({ total: 1, dashboards: [{ id, widgetCount: 1 }] });
    }
    const names = await people.identity.db.tx(scope(), (tx) => namesOf(tx, [`dashboard:${id}`, "dashboard:none", "host:x"]));
    expect(names).toEqual({ [`dashboard:${id}`]: "Zebra" });
    expect(await people.identity.db.tx({ organisationId: stranger.organisationId }, (tx) => namesOf(tx, [`dashboard:${id}`]))).toEqual({});
  });
});

describe("a graph annotation", () => {
  const annotation = (extra: object = {}) => ({ title: "deploy", from: 100, to: 200, service: "Shop", ...extra });

  test("is created, changed and deleted by one act each", async () => {
    await people.acts();
    const made = await createAnnotation(people.identity, owner, annotation());
    const changed = await changeAnnotation(people.identity, owner, made.id, annotation({ to: 300, roles: ["web"] }));
    await changeAnnotation(people.identity, owner, made.id, annotation({ to: 300, roles: ["web"] }));
    expect(await deleteAnnotation(people.identity, owner, made.id)).toEqual(changed);
    const acts = await people.acts();
    expect(acts.map(({ verb, object }) => [verb, object])).toEqual(
      ["annotation.created", "annotation.changed", "annotation.deleted"].map((verb) => [verb, `annotation:${made.id}`]),
    );
    expect(acts[1]?.detail["fields"]).toEqual(["to", "roles"]);
  });

  test("is not a viewer's to change, nor another organisation's to see", async () => {
    const made = await createAnnotation(people.identity, owner, annotation());
    const missing = { code: "forbidden", facts: { permission: "annotation.change" } };
    await expect(createAnnotation(people.identity, viewer, annotation())).rejects.toMatchObject(missing);
    await expect(changeAnnotation(people.identity, viewer, made.id, annotation())).rejects.toMatchObject(missing);
    await expect(deleteAnnotation(people.identity, viewer, made.id)).rejects.toMatchObject(missing);
    await expect(createAnnotation(people.identity, stranger, annotation())).rejects.toMatchObject({ code: "not-found" });
    await expect(deleteAnnotation(people.identity, stranger, made.id)).rejects.toMatchObject({ code: "not-found" });
  });

  test("of some roles is shown with those, one of the service with all", async () => {
    for (const [title, roles] of [
      ["for all", undefined],
      ["for nobody in particular", []],
      ["for web", ["web"]],
      ["for both", ["db", "web"]],
    ] as const) {
      await createAnnotation(people.identity, owner, annotation({ title, from: 1000, to: 1000, ...(roles ? { roles } : {}) }));
    }
    const titles = async (role?: string) => {
      const query = { service: "Shop", from: 900, to: 1100, ...(role === undefined ? {} : { role }) };
      const found = await people.identity.db.tx(scope(), (tx) => annotationsIn(tx, query));
      return found.map((one) => one.title).toSorted();
    };
    expect(await titles()).toHaveLength(4);
    expect(await titles("web")).toHaveLength(4);
    expect(await titles("db")).toEqual(["for all", "for both", "for nobody in particular"]);
    await expect(titles("nope")).rejects.toMatchObject({ code: "not-found" });
  });
});
