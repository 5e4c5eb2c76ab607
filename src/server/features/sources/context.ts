import type { Millis, UnixMs } from "#base/duration";
import type { Incidents } from "#features/incidents";
import type { Inventory } from "#features/inventory";
import type { RateLimit } from "#http";
import type { MailboxReader } from "#ports/mailbox/port";
import type { OutgoingHttp } from "#ports/outgoing-http/port";
import type { Secret } from "#base/secret";
import type { Deps, Seal } from "#store";

/** Where the feature says what an operator should know. */
interface SourcesLog {
  warn(facts: object, message: string): void;
}

export interface SourcesDeps extends Deps {
  readonly inventory: Inventory;
  readonly incidents: Incidents;
  readonly outgoing: OutgoingHttp;
  /** Reads mailboxes of sources; without it none is read, and they say so. */
  readonly mailboxes?: MailboxReader;
  readonly serverKey: Secret;
  /** Whether it was proved a moment ago that everything that opens alerts and tells people works. */
  readonly isSound: () => boolean;
  readonly log: SourcesLog;
}

export const sourcesTopic = "alert-sources";

/** What the parts of the feature are handed. */
export interface SourcesContext extends SourcesDeps {
  /** For the address of the outgoing heartbeat. */
  readonly seal: Seal;
  /** For the passwords of mailboxes. */
  readonly mailboxSeal: Seal;
  /** Guesses of addresses that nobody has. */
  readonly strangers: RateLimit;
  /** The moment since which a server has listened for that long in sum: what did not come while nobody listened is not missed. */
  heardSince(length: Millis, now: UnixMs): UnixMs;
}
