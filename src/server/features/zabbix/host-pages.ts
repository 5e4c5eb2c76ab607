import { messageOf } from "#base/errors";
import { changeHost } from "#features/inventory";
import type { Deps } from "#store";
import { agentName, interfacesOf, metaOf } from "./host-facts.ts";
import { isLoose } from "./loose.ts";
import type { HostState } from "./host-states.ts";

/** How much of a problem gets around. */
export type PageProblem = (host: string, problem: string) => void;

/**
 * Writes what agents tell about their machines to the pages of their hosts. Only what changed is written, and never over what an agent
 * of Mackerel's kind wrote, which knows more.
 */
export class HostPages {
  readonly #deps: Deps;
  readonly #onProblem: PageProblem;

  constructor(deps: Deps, onProblem: PageProblem) {
    this.#deps = deps;
    this.#onProblem = onProblem;
  }

  /** Never fails: what could not be written now is tried again with the next values. */
  async update(organisationId: string, state: HostState): Promise<void> {
    const { knowledge } = state;
    if (state.agent === "sender" || knowledge.facts["system.uname"] === undefined) return;
    const meta = metaOf(knowledge, agentName(state.agent, state.version), state.version);
    const written = JSON.stringify([state.id, meta, state.address]);
    if (knowledge.written === written) return;
    try {
      if (await this.#isOurs(organisationId, state.id)) {
        const interfaces = interfacesOf(state.address);
        const change = { meta: JSON.stringify(meta), ...(interfaces.length > 0 ? { interfaces } : {}) };
        await changeHost(this.#deps, { kind: "system", organisationId, name: "zabbix" }, state.id, change);
      }
      state.knowledge = { ...knowledge, written };
    } catch (error) {
      this.#onProblem(state.name, messageOf(error));
    }
  }

  async #isOurs(organisationId: string, hostId: string): Promise<boolean> {
    const row = await this.#deps.db.tx({ organisationId }, (tx) =>
      tx.selectFrom("inventory_host").select("meta").where("id", "=", hostId).executeTakeFirst(),
    );
    const meta: unknown = JSON.parse(row?.meta ?? "{}");
    const name = isLoose(meta) ? meta["agent-name"] : undefined;
    return name === undefined || (typeof name === "string" && name.startsWith("Zabbix agent"));
  }
}
