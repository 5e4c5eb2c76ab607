import type { Tab } from "./house.ts";

/** As many as the machine of a test run has cores; each keeps what it loaded, so that not every page starts from nothing. */
const mostWindows = 2;

/** Browser windows that several tests share, each used by one of them at a time. */
export class Windows {
  readonly #open: () => Promise<Tab>;
  readonly #free: Tab[] = [];
  readonly #waiting: ((tab: Tab) => void)[] = [];
  #count = 0;

  constructor(open: () => Promise<Tab>) {
    this.#open = open;
  }

  /** Hands a window to `look` as soon as one is free; it shows what its last user left. */
  async use(look: (tab: Tab) => Promise<void>): Promise<void> {
    const window = await this.#take();
    try {
      await look(window);
    } finally {
      window.complaints.length = 0;
      const next = this.#waiting.shift();
      if (next) next(window);
      else this.#free.push(window);
    }
  }

  async close(): Promise<void> {
    for (const { context } of this.#free) await context.close();
  }

  #take(): Promise<Tab> {
    const free = this.#free.pop();
    if (free) return Promise.resolve(free);
    if (this.#count >= mostWindows) return new Promise((resolve) => void this.#waiting.push(resolve));
    this.#count += 1;
    return this.#open();
  }
}
