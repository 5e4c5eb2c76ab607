import { scopeOf, type Actor } from "#http";
import type { Deps } from "#store";
import type { OverBudget, SeriesBudget } from "./series-budget.ts";

const shown = 50;

/** The hosts and services of the actor's organisation whose series were refused since this process started, with their names. */
export async function overLimit({ db }: Deps, actor: Actor, budget: SeriesBudget): Promise<(OverBudget & { readonly name: string })[]> {
  const all = budget.over();
  if (all.length === 0) return [];
  const idOf = ({ source }: OverBudget): string => source.replace(/^service:/u, "");
  const ids = all.map(idOf);
  const rows = await db.tx(scopeOf(actor), async (tx) => [
    ...(await tx.selectFrom("inventory_host").select(["id", "name"]).where("id", "in", ids).execute()),
    ...(await tx.selectFrom("inventory_service").select(["id", "name"]).where("id", "in", ids).execute()),
  ]);
  const nameOf = new Map(rows.map((row) => [row.id, row.name]));
  return all
    .flatMap((one) => {
      const name = nameOf.get(idOf(one));
      return name === undefined ? [] : [{ ...one, name }]; // of another organisation: its rows cannot be seen from here
    })
    .slice(0, shown);
}
