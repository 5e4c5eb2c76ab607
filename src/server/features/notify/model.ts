import type { UnixMs } from "#base/duration";
import type { IncidentAction, Medium, Severity } from "#wire/alerting";
import type { Language } from "#wire/shapes";

/** To whom a notification goes: a channel of the organisation, or a person by one of the ways to reach them. */
export type Recipient =
  | { readonly kind: "channel"; readonly channelId: string }
  | { readonly kind: "person"; readonly personId: string; readonly medium: Medium };

/** Whom a notice is written for. */
export interface Addressee {
  readonly recipient: Recipient;
  /** Id of the delivery: act tokens are bound to it, so that one message's button is not another's. */
  readonly deliveryId: string;
  readonly language: Language;
  /** IANA zone for the times in the text. */
  readonly timeZone: string;
}

/** A line `label: value` under the summary. */
export interface NoticeFact {
  readonly label: string;
  readonly value: string;
}

/** What the reader can do from where they read. */
export interface NoticeAction {
  readonly action: IncidentAction;
  readonly label: string;
  /** A page that shows and asks; opening it does nothing, since scanners of mail open links. */
  readonly url: string;
  /** For buttons of chats that call back: proves incident, action, delivery and expiry. */
  readonly token: string;
}

/** A message as every channel can say it, each in its own form: plain text everywhere, nothing is markup. */
export interface Notice {
  readonly severity: Severity;
  /** `bad`: begun or worse; `good`: over; `neutral`: somebody took it, a test, a reminder. */
  readonly tone: "bad" | "good" | "neutral";
  /** How what it is about stands now, for services that keep alerts of their own; absent where the tone says it. */
  readonly standing?: "open" | "taken" | "over";
  /** One line; the subject of a mail. */
  readonly title: string;
  readonly summary: string;
  readonly facts: readonly NoticeFact[];
  /** The page about it. */
  readonly url: string | undefined;
  readonly actions: readonly NoticeAction[];
  /** Messages of one thread belong together: `incident:<id>`, `alert:<id>`. */
  readonly thread: string | undefined;
  /** The graph to be drawn into it. */
  readonly picture: PictureOf | undefined;
  /** The body that a webhook channel posts, when the organisation's receiver expects Mackerel's. */
  readonly mackerel: Readonly<Record<string, unknown>> | undefined;
  /** Slack and Mattermost names to mention by status, when the channel has some. */
  readonly mention: "ok" | "warning" | "critical" | undefined;
  /** Ids of persons whom a chat names with an `@`, as far as it knows their accounts. */
  readonly people?: readonly string[];
}

/** Which graph tells about an alert: a host's or service's metric around a moment. */
export interface PictureOf {
  readonly source: string;
  readonly metric: string;
  readonly at: UnixMs;
  /** Lines drawn across it. */
  readonly thresholds?: readonly PictureThreshold[];
  /** Where whoever has this address gets it as PNG, for chats that fetch pictures themselves. Absent when nobody could reach it. */
  readonly url?: string;
}

export interface PictureThreshold {
  readonly value: number;
  readonly status: "WARNING" | "CRITICAL";
}

/** A notification to be sent. */
export interface Sending {
  readonly to: Recipient;
  /** The same key is sent once, whoever asks and how often: `run:<id>:<round>:<step>:<pos>:<n>`, at most 255 characters. */
  readonly key: string;
  readonly write: (to: Addressee) => Notice | Promise<Notice>;
  /** What it is about, so that listeners find it: `incident:<id>`, `alert:<id>`, `test`. */
  readonly about: string;
  /** Quiet hours and personal rules do not hold it back. */
  readonly isUrgent?: boolean;
  /** Not before; absent: at once. */
  readonly dueAt?: UnixMs;
}

/**
 * `pending` → `claimed` (a worker is about to send) → `sent` (handed over: nobody says that it was read).
 * `calling`: a telephone call, or whoever else carries it on, has it and will say what became of it.
 * `held`: quiet hours, until `dueAt`. `retrying`: failed for now, again at `dueAt`. `failed`: for good. `cancelled`: no longer needed.
 * `unknown`: the worker died while sending and the other side cannot be asked.
 */
export const deliveryStates = ["pending", "held", "claimed", "calling", "retrying", "sent", "failed", "cancelled", "unknown"] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** What became of a delivery, for listeners inside the transaction that notes it. */
export interface DeliveryOutcome {
  readonly id: string;
  readonly key: string;
  readonly about: string;
  readonly to: Recipient;
  readonly state: DeliveryState;
  /** For people; undefined when it went well. */
  readonly problem: string | undefined;
  /** The person was asked and will not take it: nobody waits for them any longer, and nothing else has to be tried to reach them. */
  readonly goesOn: boolean;
  readonly at: UnixMs;
}
