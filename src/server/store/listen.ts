import pg from "pg";
import type { Clock, Timer } from "#base/clock";
import { seconds } from "#base/duration";
import { changesChannel, type Change } from "./changes.ts";

export interface ListenOptions {
  readonly connection: pg.ClientConfig;
  readonly clock: Clock;
  readonly onChange: (change: Change) => void;
  /** The connection was lost or found again; changes in between were missed. */
  readonly onGap: () => void;
  readonly onProblem: (error: Error) => void;
}

/** Listens for changes of all processes on a connection of its own, and comes back after a loss. */
export class ChangeListener {
  readonly #options: ListenOptions;
  #client: pg.Client | undefined;
  #retry: Timer | undefined;
  #isClosed = false;

  constructor(options: ListenOptions) {
    this.#options = options;
  }

  /** Connects; keeps trying in the background when the database is away. */
  async start(): Promise<void> {
    const client = new pg.Client({ ...this.#options.connection, keepAlive: true });
    this.#client = client;
    client.on("notification", ({ payload }) => this.#deliver(payload));
    client.on("error", (error) => this.#lost(client, error));
    client.on("end", () => this.#lost(client));
    try {
      await client.connect();
      await client.query(`listen ${changesChannel}`);
      this.#options.onGap();
    } catch (error) {
      this.#lost(client, error instanceof Error ? error : new Error(String(error)));
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#retry?.cancel();
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => undefined);
  }

  #deliver(payload: string | undefined): void {
    if (payload === undefined) return;
    this.#options.onChange(JSON.parse(payload) as Change); // written by publish()
  }

  #lost(client: pg.Client, error?: Error): void {
    if (this.#client !== client || this.#isClosed) return;
    this.#client = undefined;
    if (error) this.#options.onProblem(error);
    void client.end().catch(() => undefined);
    this.#retry = this.#options.clock.after("store.listen", seconds(1), () => void this.start());
  }
}
