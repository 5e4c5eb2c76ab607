import { v0, type Api } from "../api.ts";
import { readServices, type HeldService } from "./source.ts";
import type { Stage, Step } from "./steps.ts";

export interface Ends {
  readonly source: Api;
  readonly target: Api;
  /** The target organisation's name in /api/v1. */
  readonly organisation: string;
  readonly overwrites: boolean;
}

/** A path of the own interface. */
export const v1 = (organisation: string, ...parts: readonly string[]): string =>
  `/api/v1/orgs/${[organisation, ...parts].map((part) => encodeURIComponent(part)).join("/")}`;

interface Read {
  readonly theirs: readonly HeldService[];
  readonly ours: ReadonlyMap<string, HeldService>;
}

/** Services, then roles; both by their names. @param read the source's services, for stages that come later. */
export function serviceStages(ends: Ends, read: () => Promise<readonly HeldService[]>): Stage[] {
  let reading: Promise<Read> | undefined;
  const both = (): Promise<Read> => {
    reading ??= Promise.all([read(), readServices(ends.target)]).then(([theirs, ours]) => ({
      theirs,
      ours: new Map(ours.map((one) => [one.name, one])),
    }));
    return reading;
  };
  return [
    {
      kind: "service",
      title: { en: "services", ja: "サービス" },
      plan: async () => {
        const { theirs, ours } = await both();
        return theirs.map((one) => serviceStep(ends, one, ours.get(one.name)));
      },
    },
    {
      kind: "role",
      title: { en: "roles", ja: "ロール" },
      plan: async () => {
        const { theirs, ours } = await both();
        return theirs.flatMap((service) =>
          service.roles.map((role) => {
            const there = ours.get(service.name)?.roles.find((one) => one.name === role.name);
            const name = `${role.service}:${role.name}`;
            const create = (): Promise<unknown> =>
              ends.target.call("POST", v0`services/${role.service}/roles`, { name: role.name, memo: role.memo });
            const path = v1(ends.organisation, "services", role.service, "roles", role.name);
            return memoStep(ends, { name, memo: role.memo, there: there?.memo, create, path });
          }),
        );
      },
    },
  ];
}

function serviceStep(ends: Ends, { name, memo }: HeldService, there: HeldService | undefined): Step {
  const create = (): Promise<unknown> => ends.target.call("POST", "/api/v0/services", { name, memo });
  return memoStep(ends, { name, memo, there: there?.memo, create, path: v1(ends.organisation, "services", name) });
}

interface Named {
  readonly name: string;
  readonly memo: string;
  /** The memo here; undefined when the thing does not exist here. */
  readonly there: string | undefined;
  readonly create: () => Promise<unknown>;
  readonly path: string;
}

function memoStep({ target, overwrites }: Ends, { name, memo, there, create, path }: Named): Step {
  if (there === undefined) return { name, plan: "created", apply: () => create().then(() => undefined) };
  if (there === memo) return { name, plan: "unchanged" };
  const why = { en: "memo", ja: "メモ" };
  return overwrites
    ? { name, plan: "changed", why, apply: () => target.call("PUT", path, { memo }).then(() => undefined) }
    : { name, plan: "kept", why };
}
