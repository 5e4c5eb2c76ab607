import { sql } from "kysely";
import type { Tx } from "#store";
import type { Dependency } from "#wire/alerts";

const shownName = (alias: "h" | "d") => sql<string>`coalesce(nullif(${sql.ref(`${alias}.display_name`)}, ''), ${sql.ref(`${alias}.name`)})`;

const joined = (tx: Tx) =>
  tx
    .selectFrom("incidents_dependency as e")
    .innerJoin("inventory_host as h", "h.id", "e.host_id")
    .innerJoin("inventory_host as d", "d.id", "e.depends_on_id")
    .where("h.retired_at", "is", null)
    .where("d.retired_at", "is", null);

export interface DependencyPage {
  /** Only those of this host, in both directions. */
  readonly hostId?: string | undefined;
  readonly offset: number;
  readonly limit: number;
}

/** Which host depends on which, by name; retired hosts are left out. */
export async function pageOfDependencies(
  tx: Tx,
  { hostId, offset, limit }: DependencyPage,
): Promise<{ dependencies: Dependency[]; total: number }> {
  const found =
    hostId === undefined ? joined(tx) : joined(tx).where((of) => of.or([of("e.host_id", "=", hostId), of("e.depends_on_id", "=", hostId)]));
  const rows = await found
    .select(["h.id as host_id", "d.id as depends_on_id", shownName("h").as("host_name"), shownName("d").as("depends_on_name")])
    .orderBy("h.sort_name")
    .orderBy("h.id")
    .orderBy("d.sort_name")
    .orderBy("d.id")
    .offset(offset)
    .limit(limit)
    .execute();
  const { total } = await found.select((of) => of.fn.countAll<number>().as("total")).executeTakeFirstOrThrow();
  const dependencies = rows.map((row) => ({
    host: { id: row.host_id, name: row.host_name },
    dependsOn: { id: row.depends_on_id, name: row.depends_on_name },
  }));
  return { dependencies, total };
}

/** On what one host depends. */
export async function dependenciesOf(tx: Tx, hostId: string): Promise<Dependency[]> {
  const { dependencies } = await pageOfDependencies(tx, { hostId, offset: 0, limit: 1000 });
  return dependencies.filter((one) => one.host.id === hostId);
}
