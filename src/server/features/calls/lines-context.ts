import type { CallsContext } from "./context.ts";
import type { CallEngine } from "./engine.ts";

/** What the acts on lines and one's own calls are handed. */
export interface LinesContext extends CallsContext {
  readonly engine: CallEngine;
}
