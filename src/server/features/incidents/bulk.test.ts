import { expect, test } from "vitest";
import { withIncidents } from "#test/incidents-rig";

const rig = withIncidents();

const causes = 50;
const perCause = 200;

/** Routers, each with hosts behind it, and what is reported when all routers fail at once. */
async function outage() {
  const reports: Parameters<typeof rig.report>[0][number][] = [];
  const owner = rig.people.owner;
  const org = rig.people.first.actor.organisationId;
  await owner.query(
    `insert into inventory_host (id, organisation_id, name, status, sort_name, search, created_at)
     select 'r' || c, $1, 'router' || c, 'working', 'router' || c, '', 0 from generate_series(1, $2::int) c
     union all select 'h' || c || 'x' || n, $1, 'host' || c || '-' || n, 'working', 'host', '', 0 from generate_series(1, $2::int) c, generate_series(1, $3::int) n`,
    [org, causes, perCause - 1],
  );
  await owner.query(
    `insert into incidents_dependency (organisation_id, host_id, depends_on_id, created_at)
     select $1, 'h' || c || 'x' || n, 'r' || c, 0 from generate_series(1, $2::int) c, generate_series(1, $3::int) n`,
    [org, causes, perCause - 1],
  );
  for (let cause = 1; cause <= causes; cause += 1) {
    for (let n = 1; n < perCause; n += 1) {
      const hostId = `h${cause}x${n}`;
      reports.push({
        origin: { kind: "monitor", id: "conn" },
        key: hostId,
        type: "connectivity",
        name: "connectivity",
        message: "unreachable",
        hostId,
      });
    }
    const router = `r${cause}`;
    reports.push({
      origin: { kind: "monitor", id: "conn" },
      key: router,
      type: "connectivity",
      name: "connectivity",
      message: "unreachable",
      hostId: router,
    });
  }
  return reports;
}

const countOf = async (statement: string): Promise<number> =>
  Number((await rig.people.owner.query(`select count(*) as n from ${statement}`)).rows[0].n);

test("ten thousand alerts at once of fifty causes make fifty incidents; none is lost, none doubled", async () => {
  const reports = await outage();
  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const before = performance.now();
    await work();
    return Math.round(performance.now() - before);
  };
  const opened = await timed(() => rig.report(reports));
  expect(await countOf("incidents_incident")).toBe(causes);
  expect(await countOf("incidents_alert where closed_at is null")).toBe(causes * perCause);
  expect(await countOf("incidents_membership where left_at is null")).toBe(causes * perCause);
  expect(await countOf("incidents_alert where inhibited_by is not null")).toBe(causes * (perCause - 1));
  expect(await countOf("incidents_incident where title like 'router%'")).toBe(causes);
  expect(rig.alertChanges.length).toBe(causes * perCause);
  expect(rig.incidentChanges.map(({ effect }) => effect)).toEqual(Array.from({ length: causes }, () => "opened"));
  expect((await rig.people.acts()).filter((act) => act.verb === "alert.opened").length).toBe(causes * perCause);

  const repeated = await timed(() => rig.report(reports));
  expect(await countOf("incidents_alert")).toBe(causes * perCause);
  const closed = await timed(() => rig.report(reports.map((one) => ({ ...one, status: "OK" as const }))));
  expect(await countOf("incidents_alert where closed_at is null")).toBe(0);
  expect(await countOf("incidents_incident where state = 'resolved'")).toBe(causes);
  // Far above what it takes, so that a busy machine fails nothing; a statement for each alert would take minutes.
  for (const millis of [opened, repeated, closed]) expect(millis).toBeLessThan(25_000);
});
