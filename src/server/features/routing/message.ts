import type { AlertStatus } from "#wire/alerting";
import type { Addressee, Notice } from "#features/notify";
import type { RoutedChannel } from "./model.ts";
import type { LineKind } from "./texts.ts";

/** One line of a summary, in no language yet. */
export interface Line {
  readonly kind: LineKind;
  readonly status?: AlertStatus | undefined;
  readonly name: string;
  readonly text: string;
}

/** Something to be told to some channels: by itself, or as a line of a summary. */
export interface Message {
  /** The same key goes to a channel once. The channel's id is put behind it. */
  readonly key: string;
  readonly about: string;
  readonly line: Line;
  readonly channelIds: readonly string[];
  readonly write: (to: Addressee, channel: RoutedChannel) => Notice;
}
