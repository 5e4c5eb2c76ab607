import { describe, expect, test } from "vitest";
import type { Actor } from "#http";
import { withPeople } from "#test/people";
import { createKey, ensureAgentKey } from "./create-key.ts";
import { onChange } from "./settings.ts";
import { readNetworks, restrictNetworks } from "./restrict-networks.ts";

const people = withPeople();
const here = "192.0.2.10";

const networksOf = (organisationId: string) => people.identity.db.tx({ organisationId }, (tx) => readNetworks(tx, organisationId));

/** A new organisation of the first owner's, as seen from `here`. */
async function another(name: string) {
  const { actor } = await people.another(name);
  return { name, actor, id: actor.organisationId };
}

async function keyOf(actor: Actor, rights: "read" | "administer", address: string): Promise<Actor> {
  const { secret } = await createKey(people.identity, actor, { name: "k", rights });
  const principal = await people.gate.authenticate({ cookie: undefined, apiKey: secret.reveal(), address });
  if (principal?.kind !== "key") throw new Error("no key");
  return people.gate.enter(principal, principal.organisationName, address);
}

describe("restricting networks", () => {
  test("is one act with the networks in it, and none when nothing differs", async () => {
    const org = await another("net-one");
    await people.acts();
    const input = { method: "web", networks: [" 192.0.2.0/24 ", "192.0.2.0/24", "2001:db8::/32"] } as const;
    const networks = ["192.0.2.0/24", "2001:db8::/32"];
    expect(await restrictNetworks(people.identity, org.actor, input)).toEqual({ web: networks, api: [] });
    expect(await people.acts()).toMatchObject([
      {
        verb: "organisation.networks-restricted",
        object: `organisation:${org.id}`,
        actor: `person:${org.actor.personId}`,
        outcome: "done",
        detail: { method: "web", networks },
      },
    ]);
    await restrictNetworks(people.identity, org.actor, input);
    expect(await people.acts()).toEqual([]);
    expect(await networksOf(org.id)).toEqual({ web: networks, api: [] });
    expect(await networksOf(people.first.actor.organisationId)).toEqual({ web: [], api: [] });
  });

  test("is refused to viewers and collaborators, and to keys that do not administer", async () => {
    for (const role of ["viewer", "collaborator"] as const) {
      const { actor } = await people.join(people.first, role);
      await expect(restrictNetworks(people.identity, actor, { method: "web", networks: [] })).rejects.toMatchObject({
        code: "forbidden",
        facts: { permission: "network.change" },
      });
    }
    const key = await keyOf(people.first.actor, "read", here);
    await expect(restrictNetworks(people.identity, key, { method: "web", networks: [] })).rejects.toMatchObject({ code: "forbidden" });
  });

  test("shuts nobody out by the way they came: a person keeps the console, a key the API, and each may restrict the other", async () => {
    const org = await another("net-two");
    const elsewhere = ["198.51.100.7"];
    await expect(restrictNetworks(people.identity, org.actor, { method: "web", networks: elsewhere })).rejects.toMatchObject({
      code: "invalid-input",
      facts: { fields: [{ field: "networks", problem: expect.stringContaining(here) }] },
    });
    expect(await restrictNetworks(people.identity, org.actor, { method: "api", networks: elsewhere })).toEqual({ web: [], api: elsewhere });
    await expect(
      keyOf(org.actor, "administer", here).then((key) => people.gate.demand(key, "network.view", "organisation:x")),
    ).rejects.toMatchObject({
      code: "forbidden",
      facts: { missing: ["organisation-network"] },
    });
    const key = await keyOf(org.actor, "administer", "198.51.100.7");
    await expect(restrictNetworks(people.identity, key, { method: "api", networks: ["203.0.113.0/24"] })).rejects.toMatchObject({
      code: "invalid-input",
    });
    expect(await restrictNetworks(people.identity, key, { method: "web", networks: ["203.0.113.0/24"] })).toMatchObject({
      web: ["203.0.113.0/24"],
    });
    expect(await restrictNetworks(people.identity, key, { method: "web", networks: [] })).toMatchObject({ web: [] });
  });

  test("counts at once for who is known already, also when another process did it", async () => {
    const org = await another("net-three");
    const { session } = people.first;
    const enter = async () => {
      const principal = await people.gate.authenticate({ cookie: `hinoban_session=${session.token}`, apiKey: undefined, address: here });
      if (!principal) throw new Error("no session");
      const actor = await people.gate.enter(principal, org.name, here);
      people.gate.demand(actor, "organisation.view", "organisation:x");
    };
    await enter();
    await people.owner.query("update identity_organisation set web_networks = '{198.51.100.0/24}' where id = $1", [org.id]);
    await enter();
    onChange(people.identity, { organisationId: org.id, topic: "settings" });
    await expect(enter()).rejects.toMatchObject({ code: "forbidden", message: expect.stringContaining(here) });
  });

  test("never shuts out the agent that the server runs on its own machine", async () => {
    const org = await another("net-four");
    await restrictNetworks(people.identity, org.actor, { method: "api", networks: ["198.51.100.0/24"] });
    const secret = await ensureAgentKey(people.identity, { organisationId: org.id, name: "local", purpose: "local-agent" });
    const principal = await people.gate.authenticate({ cookie: undefined, apiKey: secret.reveal(), address: "127.0.0.1" });
    if (principal?.kind !== "key") throw new Error("no key");
    const actor = await people.gate.enter(principal, org.name, "127.0.0.1");
    expect(() => people.gate.demand(actor, "metrics.post", "organisation:x")).not.toThrow();
  });
});
