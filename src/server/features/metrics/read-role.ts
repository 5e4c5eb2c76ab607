import type { Tx } from "#store";
import { findRole, membersOfRole, type MemberRecord } from "#features/inventory";
import { unixSeconds } from "#base/duration";
import { chooseGrid } from "#ports/metric-store/grid";
import type { GroupColumns, GroupMember, GroupQuery, MetricStore, TimeRange } from "#ports/metric-store/port";
import { simplifiedAbove, type RoleGraph, type RoleSeries } from "#wire/metrics";
import { definitionsOf } from "./read-definitions.ts";
import { roleGraphs } from "./graph-model.ts";
import { roleSourceOf, type Source } from "./model.ts";
import { columnOf, computeColumn } from "./read-series.ts";
import { usualInterval } from "./usual-interval.ts";

interface RoleOf {
  readonly service: string;
  readonly role: string;
}

/** The hosts of a role in a range of seconds. @throws "not-found" */
export async function membersIn(tx: Tx, name: RoleOf, range: TimeRange): Promise<MemberRecord[]> {
  const { id } = await findRole(tx, name);
  return membersOfRole(tx, id, { from: range.from * 1000, to: range.to * 1000 });
}

/** @throws "not-found" */
export async function graphsOfRole(store: MetricStore, tx: Tx, name: RoleOf): Promise<RoleGraph[]> {
  const { id } = await findRole(tx, name);
  const members = await membersOfRole(tx, id, {});
  return roleGraphs(await namesOfAll(store, members), await definitionsOf(tx));
}

async function namesOfAll(store: MetricStore, members: readonly MemberRecord[]): Promise<Set<string>> {
  const names = new Set<string>();
  for (const list of await Promise.all(members.map((member) => store.names(member.id)))) for (const name of list) names.add(name);
  return names;
}

const groupMember = (member: MemberRecord, range: TimeRange): GroupMember => ({
  source: member.id,
  during: member.during.map(({ from, to }) => ({ from: unixSeconds(from / 1000), to: to === null ? range.to : unixSeconds(to / 1000) })),
});

export interface RoleQuery {
  readonly name: string;
  readonly range: TimeRange;
  readonly buckets: number;
  readonly show: "auto" | "all" | "summary";
}

/** Most lines in one answer. */
const mostLines = 1000;

/** One metric over the members of a role, each only while it belonged. */
export async function readRoleSeries(store: MetricStore, members: readonly MemberRecord[], query: RoleQuery): Promise<RoleSeries> {
  const grid = chooseGrid(query.range, query.buckets);
  const group: GroupQuery = {
    ...query.range,
    name: query.name,
    members: members.map((member) => groupMember(member, query.range)),
    buckets: query.buckets,
  };
  const isSummary = query.show === "summary" || (query.show === "auto" && members.length > simplifiedAbove);
  const source = await sourceFor(store, members, query.name);
  const every = await usualOfMembers(store, members, source, query);
  const answer = { from: grid.from, step: grid.step, name: query.name, members: members.length, ...every };
  if (isSummary && source.kind === "stored") {
    const { sum, min, max, members: count } = await store.groupSummary({ ...group, name: source.name });
    const avg = columnOf(sum.map((value, i) => value / (count[i] ?? 0)));
    return { ...answer, summary: { sum: columnOf(sum), min: columnOf(min), max: columnOf(max), avg, count: columnOf(count) } };
  }
  const rows = await rowsOf(store, source, group, grid.width);
  if (isSummary) return { ...answer, summary: summaryOf([...rows.values()], grid.width) };
  const hosts = members.flatMap((member) => {
    const avg = rows.get(member.id);
    return avg ? [{ id: member.id, label: member.display_name || member.name, isRetired: member.retired_at !== null, avg }] : [];
  });
  return { ...answer, hosts: hosts.slice(0, mostLines) };
}

/** Members of whom so many have no point in the range tell nothing of the others. */
const mostAsked = 5;

/** The usual interval of one member stands for all: hosts of a role run the same plugins. */
async function usualOfMembers(
  store: MetricStore,
  members: readonly MemberRecord[],
  source: Source,
  { range, buckets }: RoleQuery,
): Promise<{ every?: number }> {
  const name = source.kind === "stored" ? source.name : source.inputs[0];
  if (name === undefined) return {};
  for (const { id } of members.slice(0, mostAsked)) {
    const found = usualInterval(await store.buckets(id, name, range, buckets));
    if (found.every !== undefined) return found;
  }
  return {};
}

/** Names are only needed to find the inputs of a computed metric, and whether a host posts its name itself. */
async function sourceFor(store: MetricStore, members: readonly MemberRecord[], name: string): Promise<Source> {
  if (name.startsWith("custom.") || name.startsWith("loadavg")) return { kind: "stored", name };
  return roleSourceOf(name, await namesOfAll(store, members));
}

type Column = (number | null)[];

export interface MemberRowsQuery {
  readonly name: string;
  readonly range: TimeRange;
  readonly buckets: number;
}

/** Averages of one metric, computed ones too, for each of the hosts that has any, by the host's id; each only while it belonged. */
export async function readMemberRows(
  store: MetricStore,
  members: readonly MemberRecord[],
  { name, range, buckets }: MemberRowsQuery,
): Promise<Map<string, Column>> {
  const source = await sourceFor(store, members, name);
  const group: GroupQuery = { ...range, name, members: members.map((member) => groupMember(member, range)), buckets };
  return rowsOf(store, source, group, chooseGrid(range, buckets).width);
}

async function rowsOf(store: MetricStore, source: Source, group: GroupQuery, width: number): Promise<Map<string, Column>> {
  if (source.kind === "stored") {
    const columns = await store.group({ ...group, name: source.name });
    return new Map(columns.sources.map((id, row) => [id, columnOf(rowAt(columns, row))]));
  }
  const inputs = await Promise.all(source.inputs.map((name) => store.group({ ...group, name })));
  const rowOf = inputs.map((columns) => new Map(columns.sources.map((id, row) => [id, rowAt(columns, row)])));
  const ids = new Set(inputs.flatMap((columns) => columns.sources));
  return new Map(
    [...ids].map((id) => [
      id,
      computeColumn(
        source,
        rowOf.map((rows) => rows.get(id)),
        width,
      ),
    ]),
  );
}

const rowAt = ({ values, width }: GroupColumns, row: number): Float64Array => values.subarray(row * width, (row + 1) * width);

function summaryOf(rows: readonly Column[], width: number): NonNullable<RoleSeries["summary"]> {
  const summary: NonNullable<RoleSeries["summary"]> = { sum: [], min: [], max: [], avg: [], count: [] };
  for (let i = 0; i < width; i++) {
    const values = rows.flatMap((row) => row[i] ?? []);
    const isEmpty = values.length === 0;
    const sum = values.reduce((total, value) => total + value, 0);
    summary.sum.push(isEmpty ? null : sum);
    summary.min.push(isEmpty ? null : Math.min(...values));
    summary.max.push(isEmpty ? null : Math.max(...values));
    summary.avg.push(isEmpty ? null : sum / values.length);
    summary.count.push(values.length);
  }
  return summary;
}
