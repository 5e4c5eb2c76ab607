/** A request of a chat, its body still as it came: signatures are over the bytes. */
export interface HookCall {
  readonly channelId: string;
  readonly body: Buffer;
  /** A header in one text; empty when it was not sent. */
  readonly header: (name: string) => string;
  readonly address: string;
}

export interface HookAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}
