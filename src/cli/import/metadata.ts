import { isDeepStrictEqual } from "node:util";
import { listIn, textIn, v0 } from "../api.ts";
import type { HostPlan } from "./hosts.ts";
import { ifThere, type HeldHost, type HeldService } from "./source.ts";
import { atOnce, inParallel, type Stage, type Step } from "./steps.ts";

/** What a document belongs to, by its path at the source and here. */
interface Owner {
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

interface Read {
  hosts(): Promise<readonly HeldHost[]>;
  services(): Promise<readonly HeldService[]>;
}

/** The metadata of services, roles and hosts; each document is copied letter by letter. */
export function metadataStage(plan: HostPlan, read: Read): Stage {
  return {
    kind: "metadata",
    title: { en: "metadata", ja: "メタデータ" },
    plan: async () => {
      const [hosts, services] = await Promise.all([read.hosts(), read.services()]);
      const owners: Owner[] = [
        ...services.map((one) => ({ name: one.name, from: v0`services/${one.name}`, to: v0`services/${one.name}` })),
        ...services.flatMap(({ roles }) =>
          roles.map(({ service, name }) => ({
            name: `${service}:${name}`,
            from: v0`services/${service}/roles/${name}`,
            to: v0`services/${service}/roles/${name}`,
          })),
        ),
        ...hosts.map(({ id, name }) => ({ name: `${name} (${id})`, from: v0`hosts/${id}`, to: v0`hosts/${plan.ids.get(id) ?? id}` })),
      ];
      return (await inParallel(owners, atOnce, (owner) => stepsOf(plan, owner))).flat();
    },
  };
}

async function stepsOf(plan: HostPlan, owner: Owner): Promise<Step[]> {
  const namespaces = listIn(await ifThere(plan.source.get(`${owner.from}/metadata`)), "metadata").map((one) => textIn(one, "namespace"));
  const steps: Step[] = [];
  for (const namespace of namespaces) steps.push(await stepOf(plan, owner, namespace));
  return steps;
}

async function stepOf({ source, target, overwrites }: HostPlan, { name: ownerName, from, to }: Owner, namespace: string): Promise<Step> {
  const name = `${ownerName} ${namespace}`;
  const tail = `/metadata/${encodeURIComponent(namespace)}`;
  const theirs = await source.getText(from + tail);
  const ours = await ifThere(target.getText(to + tail));
  const write = (): Promise<undefined> => target.call("PUT", to + tail, theirs).then(() => undefined);
  if (ours === undefined) return { name, plan: "created", apply: write };
  if (isDeepStrictEqual(JSON.parse(ours), JSON.parse(theirs))) return { name, plan: "unchanged" };
  return overwrites ? { name, plan: "changed", apply: write } : { name, plan: "kept" };
}
