import { defaultSlope, type PolicyInput, type PolicyStep } from "#wire/escalation";
import type { ApiClient } from "#test/api-client";
import { button, say, type Screen } from "./screens.ts";
import { emptyOrg, org } from "./seed.ts";

const at = `/api/v1/orgs/${org}`;
let night = "";

const step = (targets: PolicyStep["targets"], more: Partial<PolicyStep> = {}): PolicyStep => ({
  afterSeconds: 0,
  mode: "in-order",
  medium: "severity",
  waitSeconds: 120,
  targets,
  ...more,
});

/** Two policies: one that is usual, with a service of its own, and one that has a step which counts only at night. */
export async function seedPolicies(owner: ApiClient): Promise<void> {
  const { members } = await owner.get<{ members: { id: string }[] }>("GET", `${at}/members`);
  const people = members.map(({ id }) => ({ kind: "person" as const, personId: id }));
  const usual: Omit<PolicyInput, "name" | "steps"> = {
    memo: "",
    rounds: 2,
    pauseSeconds: 0,
    minOpenSeconds: 0,
    ackTimeoutSeconds: 0,
    calendarId: "business-days",
    slope: defaultSlope,
    exhausted: { repeatSeconds: 1800 },
  };
  const create = (input: object): Promise<{ id: string }> =>
    owner.get("POST", `${at}/escalation/policies`, { ...input, isConfirmed: true });
  const { id } = await create({ ...usual, name: "通常の呼び出し", steps: [step(people.slice(0, 2))] });
  const atNight = step(people.slice(0, 1), { when: { hours: { from: 1320, until: 420 } }, afterSeconds: 600, medium: "phone" });
  ({ id: night } = await create({
    ...usual,
    name: "Shop, day and night",
    rounds: "until-taken",
    pauseSeconds: 300,
    steps: [step(people), atNight],
  }));
  await owner.get("PUT", `${at}/escalation/bindings`, {
    bindings: [{ policyId: id }, { service: "shop", policyId: night }, { service: "shop", severity: "critical", policyId: id }],
  });
}

const title = say("Escalation policies", "エスカレーションポリシー");

export const policyScreens: readonly Screen[] = [
  { name: "escalation policies", path: () => `/o/${org}/policies`, title },
  { name: "no escalation policy yet", path: () => `/o/${emptyOrg}/policies`, title },
  {
    name: "a new escalation policy",
    path: () => `/o/${org}/policies/new`,
    title: say("New escalation policy", "エスカレーションポリシーの作成"),
  },
  {
    name: "an escalation policy with what would happen",
    path: () => `/o/${org}/policies/${night}`,
    title: say("Shop, day and night", "Shop, day and night"),
    open: (page, word) => page.getByRole("list", { name: word(say("What would happen", "シミュレーション")) }).waitFor(),
  },
  {
    name: "an escalation policy, advanced",
    path: () => `/o/${org}/policies/${night}`,
    title: say("Shop, day and night", "Shop, day and night"),
    open: (page, word) => button(page, word(say("Advanced", "詳細設定"))).click(),
  },
];
