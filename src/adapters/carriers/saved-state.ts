import { unixMs } from "#base/duration";
import { jsonOf, textOf } from "./answers.ts";
import type { Asked } from "./carrier-api.ts";

/** What is kept of a call so that another process finds it again. */
interface SavedState extends Asked {
  /** The provider's, once it is known. */
  readonly id?: string;
}

export const savedState = (state: SavedState): string => JSON.stringify({ v: 1, ...state });

/** Undefined for a text that is not ours. */
export function readSavedState(text: string): SavedState | undefined {
  const json = jsonOf(text);
  const at = json["at"];
  const id = textOf(json, "id");
  const asked = { ref: textOf(json, "ref"), to: textOf(json, "to"), from: textOf(json, "from") };
  if (json["v"] !== 1 || typeof at !== "number" || asked.ref === "") return undefined;
  return { ...asked, at: unixMs(at), ...(id === "" ? {} : { id }) };
}
