// The few globals that pure worlds (types: []) may name although no library declares them there.
interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}
declare var TextEncoder: { new (): { encode(text: string): Uint8Array } };
declare var crypto: { getRandomValues<T extends Uint8Array>(bytes: T): T };
