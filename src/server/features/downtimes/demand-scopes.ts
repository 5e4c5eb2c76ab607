import { invalidInput, type FieldProblem } from "#base/errors";
import { existingHosts, existingRoles, existingServices, parseRoleName, roleText } from "#features/inventory";
import type { Tx } from "#store";
import type { Downtimes } from "./downtimes.ts";
import type { ScopeKey, Scopes } from "./parse.ts";

/**
 * Makes sure that everything a downtime names exists: a name that is mistyped would let alerts through, or a host that is not there cover nothing.
 * What it named before may be gone meanwhile: writing back what was read is no mistake.
 * @throws "invalid-input" that names what is missing
 */
export async function demandScopes(downtimes: Downtimes, tx: Tx, scopes: Scopes, before: Scopes = {}): Promise<void> {
  const problems: FieldProblem[] = [];
  const check = async (
    keys: readonly ScopeKey[],
    kind: string,
    known: (names: readonly string[]) => Promise<(name: string) => boolean>,
  ) => {
    const isKnown = await known(keys.flatMap((key) => scopes[key] ?? []));
    for (const key of keys) {
      for (const [index, name] of (scopes[key] ?? []).entries())
        if (!isKnown(name) && !before[key]?.includes(name))
          problems.push({ field: `${key}.${index}`, problem: `there is no ${kind} ${name}` });
    }
  };
  await check(["serviceScopes", "serviceExcludeScopes"], "service", async (names) => {
    const found = await existingServices(tx, names);
    return (name) => found.has(name);
  });
  await check(["roleScopes", "roleExcludeScopes"], "role", async (names) => {
    const found = new Set(
      (
        await existingRoles(
          tx,
          names.flatMap((name) => parseRoleName(name) ?? []),
        )
      ).map(roleText),
    );
    return (name) => {
      const role = parseRoleName(name);
      return role !== undefined && found.has(roleText(role));
    };
  });
  await check(["monitorScopes", "monitorExcludeScopes"], "monitor", async (ids) => {
    const found = await downtimes.monitorNames(tx, ids);
    return (id) => found?.has(id) ?? true;
  });
  await check(["hostScopes"], "host", async (ids) => {
    const found = ids.length === 0 ? new Set<string>() : await existingHosts(tx, ids);
    return (id) => found.has(id);
  });
  if (problems.length > 0) throw invalidInput(problems.slice(0, 20));
}
