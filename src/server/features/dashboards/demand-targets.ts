import { invalidInput } from "#base/errors";
import type { Tx } from "#store";
import type { Widget } from "#wire/dashboards";
import { missingTargets, targetsOf } from "./model.ts";
import { knownTargets } from "./read-dashboards.ts";

/**
 * Makes sure that everything the widgets show exists: a widget that names nothing would come back as another than was written.
 * @throws "invalid-input" that names what is missing
 */
export async function demandTargets(tx: Tx, widgets: readonly Widget[]): Promise<void> {
  const missing = missingTargets(widgets, await knownTargets(tx, targetsOf(widgets)));
  if (missing.length > 0)
    throw invalidInput(missing.slice(0, 20).map(({ index, field, problem }) => ({ field: `widgets.${index}.${field}`, problem })));
}
