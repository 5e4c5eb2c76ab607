import type { Local } from "./context.ts";
import type { SavedDialog } from "./dialog.ts";
import type { SipRequest } from "./message.ts";
import { formatAddress } from "./syntax.ts";
import type { Hop } from "./transport.ts";

/** An INVITE that left, or is about to: all that a CANCEL needs (RFC 3261 9.1). */
export interface SavedInvite {
  readonly uri: string;
  readonly from: string;
  readonly to: string;
  readonly cseq: number;
  readonly branch: string;
  readonly hop: Hop;
}

/** A call as text that outlives the process. It holds no secret. */
export interface SavedCall {
  readonly kind: "sip";
  readonly callId: string;
  /** What Via says. */
  readonly local: Local;
  readonly invites: readonly SavedInvite[];
  readonly dialog?: SavedDialog;
}

export const savedInvite = (invite: SipRequest, hop: Hop): SavedInvite => ({
  uri: invite.uri,
  from: formatAddress(invite.from),
  to: formatAddress(invite.to),
  cseq: invite.cseq.number,
  branch: invite.via.params.get("branch") ?? "",
  hop,
});

/** Reads what was saved; undefined when it is nothing of ours. */
export function parseSaved(state: string): SavedCall | undefined {
  try {
    const saved: unknown = JSON.parse(state);
    return isSaved(saved) ? saved : undefined;
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
const isText = (value: unknown): value is string => typeof value === "string";
const isPeer = (value: unknown, name: "host" | "address"): boolean =>
  isObject(value) && isText(value[name]) && typeof value["port"] === "number";

function isSaved(value: unknown): value is SavedCall {
  if (!isObject(value) || value["kind"] !== "sip" || !isText(value["callId"]) || !isPeer(value["local"], "host")) return false;
  const { invites, dialog } = value;
  return Array.isArray(invites) && invites.every(isSavedInvite) && (dialog === undefined || isSavedDialog(dialog));
}

function isSavedInvite(value: unknown): boolean {
  if (!isObject(value) || !isPeer(value["hop"], "address") || typeof value["cseq"] !== "number") return false;
  return [value["uri"], value["from"], value["to"], value["branch"]].every(isText);
}

function isSavedDialog(value: unknown): boolean {
  if (!isObject(value) || typeof value["cseq"] !== "number" || !Array.isArray(value["routes"])) return false;
  return [value["local"], value["remote"], value["target"], ...value["routes"]].every(isText);
}
