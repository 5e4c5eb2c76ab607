/** An agent's restart begins a new session; values of the one before may still come from a buffer on its disk. */
const mostSessions = 4;

/** The newest value of each session: agents number what they send, and send again what was not acknowledged. */
export class Sessions {
  readonly #newest = new Map<string, number>();

  /** Whether the value was taken before. */
  has(session: string, id: number): boolean {
    return id <= (this.#newest.get(session) ?? -1);
  }

  /** Notes that everything up to this value was taken. */
  take(session: string, id: number): void {
    const newest = Math.max(id, this.#newest.get(session) ?? 0);
    this.#newest.delete(session);
    this.#newest.set(session, newest);
    for (const oldest of this.#newest.keys()) {
      if (this.#newest.size <= mostSessions) return;
      this.#newest.delete(oldest);
    }
  }
}
