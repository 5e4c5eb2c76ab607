import { HinobanError } from "#base/errors";
import { minutes } from "#base/duration";
import { createService, findService, type Inventory } from "#features/inventory";
import { serviceSource } from "#features/metrics";
import { scopeOf, type Actor } from "#http";
import type { Change } from "#store";

interface Known {
  readonly source: string | undefined;
  readonly at: number;
}

const knownFor = minutes(1);
const mostKnown = 10_000;

/** The services by name that receivers write metrics of; remembered for a minute. */
export class Services {
  readonly #inventory: Inventory;
  readonly #known = new Map<string, Known>();

  constructor(inventory: Inventory) {
    this.#inventory = inventory;
  }

  /**
   * The source of a service's metrics.
   * @returns undefined when there is no such service and none may be made
   * @throws "forbidden" when the actor may not make services
   */
  async sourceOf(actor: Actor, name: string, mayCreate: boolean): Promise<string | undefined> {
    const key = JSON.stringify([actor.organisationId, name]);
    const at = this.#inventory.clock.mono();
    const known = this.#known.get(key);
    if (known && at - known.at < knownFor && (known.source !== undefined || !mayCreate)) return known.source;
    const source = await this.#find(actor, name, mayCreate);
    if (this.#known.size >= mostKnown) this.#known.clear();
    this.#known.set(key, { source, at });
    return source;
  }

  onChange(change: Change | undefined): void {
    if (!change || change.topic === "services") this.#known.clear();
  }

  async #find(actor: Actor, name: string, mayCreate: boolean): Promise<string | undefined> {
    const found = await this.#lookUp(actor, name);
    if (found !== undefined || !mayCreate) return found;
    try {
      await createService(this.#inventory, actor, { name, memo: "" });
    } catch (error) {
      if (!(error instanceof HinobanError && error.code === "conflict")) throw error; // somebody else made it a moment ago
    }
    return this.#lookUp(actor, name);
  }

  async #lookUp(actor: Actor, name: string): Promise<string | undefined> {
    try {
      const { id } = await this.#inventory.db.tx(scopeOf(actor), (tx) => findService(tx, name));
      return serviceSource(id);
    } catch (error) {
      if (error instanceof HinobanError && error.code === "not-found") return undefined;
      throw error;
    }
  }
}
