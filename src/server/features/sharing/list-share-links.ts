import type { Selectable } from "kysely";
import type { UnixMs } from "#base/duration";
import { namesOf as peopleNames } from "#features/identity";
import { namesOf as inventoryNames } from "#features/inventory";
import type { Tx } from "#store";
import type { GraphTarget, ShareLink } from "#wire/sharing";
import { stateOf } from "./model.ts";
import type { SharingLinkTable } from "./tables.ts";

export interface ShareLinkPage {
  readonly includeEnded: boolean;
  readonly limit: number;
  readonly offset: number;
}

/** One page of the share links of the organisation in scope, newest first. The index sharing_link_by_organisation serves it. */
export async function listShareLinks(tx: Tx, page: ShareLinkPage, now: UnixMs): Promise<{ links: ShareLink[]; total: number }> {
  const all = tx.selectFrom("sharing_link");
  const found = page.includeEnded
    ? all
    : all.where("revoked_at", "is", null).where((either) => either.or([either("expires_at", "is", null), either("expires_at", ">", now)]));
  const rows = await found.selectAll().orderBy("created_at", "desc").orderBy("id").limit(page.limit).offset(page.offset).execute();
  const { total } = await found.select((of) => of.fn.countAll<number>().as("total")).executeTakeFirstOrThrow();
  return { links: await present(tx, rows, now), total };
}

/** One link of the organisation in scope, which exists. */
export async function readShareLink(tx: Tx, id: string, now: UnixMs): Promise<ShareLink> {
  const row = await tx.selectFrom("sharing_link").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
  const [link] = await present(tx, [row], now);
  if (!link) throw new Error(`the link ${id} was just read`);
  return link;
}

/** The labels of links, by the ledger's ids. */
export async function namesOf(tx: Tx, ids: readonly string[]): Promise<Record<string, string>> {
  const links = ids.filter((id) => id.startsWith("share:")).map((id) => id.slice("share:".length));
  if (links.length === 0) return {};
  const rows = await tx.selectFrom("sharing_link").select(["id", "label"]).where("id", "in", links).execute();
  return Object.fromEntries(rows.map((row) => [`share:${row.id}`, row.label]));
}

export const targetOf = (row: { readonly target: string }): GraphTarget => JSON.parse(row.target) as GraphTarget; // written by this feature alone

async function present(tx: Tx, rows: readonly Selectable<SharingLinkTable>[], now: UnixMs): Promise<ShareLink[]> {
  const makers = await peopleNames(
    tx,
    rows.map((row) => row.created_by),
  );
  const owners = await inventoryNames(
    tx,
    rows.map((row) => row.owner_id),
  );
  return rows.map((row) => {
    const createdByName = makers[row.created_by];
    return {
      id: row.id,
      label: row.label,
      target: targetOf(row),
      owner: owners[row.owner_id] ?? row.owner_name,
      period: row.period,
      width: row.width,
      height: row.height,
      theme: row.theme,
      language: row.language,
      state: stateOf(row, now),
      createdBy: row.created_by,
      ...(createdByName === undefined ? {} : { createdByName }),
      createdAt: row.created_at,
      ...(row.expires_at === null ? {} : { expiresAt: row.expires_at }),
      ...(row.last_used_at === null ? {} : { lastUsedAt: row.last_used_at }),
      ...(row.revoked_at === null ? {} : { revokedAt: row.revoked_at }),
    };
  });
}
