import { afterAll, beforeAll, beforeEach } from "vitest";
import type { UnixMs } from "#base/duration";
import { Secret } from "#base/secret";
import {
  openIncidents,
  type AlertChange,
  type AlertOutcome,
  type AlertReport,
  type AlertTrigger,
  type IncidentChange,
  type Incidents,
  type IncidentsDeps,
} from "#features/incidents";
import { openInventory, registerHost, type Inventory } from "#features/inventory";
import { openDb, type Db, type Tx } from "#store";
import { withPeople, type People, type Somebody } from "./people.ts";

/** Alerts and incidents over a database of the calling test file. Read the fields inside hooks and tests. */
export interface IncidentsRig {
  readonly people: People;
  readonly inventory: Inventory;
  readonly incidents: Incidents;
  /** What listeners were told since `forget` was called last, or since the test began. */
  readonly alertChanges: AlertChange[];
  readonly incidentChanges: IncidentChange[];
  /** Effects with the number of their incident: `opened 1`, `taken 1`. */
  effects(): string[];
  forget(): void;
  now(): UnixMs;
  /** A transaction of the first organisation, or of `of`'s. */
  tx<T>(work: (tx: Tx) => Promise<T>, of?: Somebody): Promise<T>;
  /** Reports in a transaction of its own; what is left out of a report is filled in: a CRITICAL of a monitor called `CPU`. */
  report(reports: readonly Partial<AlertReport>[], trigger?: AlertTrigger): Promise<readonly AlertOutcome[]>;
  /** A host with roles such as `Shop:web`; its id. */
  host(name: string, ...roles: string[]): Promise<string>;
  /** Another process of the same installation: connections of its own. */
  another(): Incidents;
}

const anyReport: AlertReport = {
  origin: { kind: "monitor", id: "cpu" },
  key: "",
  status: "CRITICAL",
  type: "host",
  name: "CPU",
  message: "CPU % 96.2 > 90",
};

/** @param extra what the feature is opened with besides */
export function withIncidents(extra: () => Partial<IncidentsDeps> = () => ({})): IncidentsRig {
  const people = withPeople();
  let made: { incidents: Incidents; inventory: Inventory } | undefined;
  const others: Db[] = [];
  const alertChanges: AlertChange[] = [];
  const incidentChanges: IncidentChange[] = [];
  const get = (): NonNullable<typeof made> => {
    if (!made) throw new Error("incidents exist only inside hooks and tests");
    return made;
  };
  const open = (db: Db): Incidents => {
    const incidents = openIncidents({
      db,
      clock: people.clock,
      serverKey: new Secret("a server key for tests"),
      publicUrl: "https://hinoban.example",
      onError: (error) => {
        throw error;
      },
      ...extra(),
    });
    incidents.listen({
      alertsChanged: async (_tx, _at, changes) => void alertChanges.push(...changes),
      incidentsChanged: async (_tx, _at, changes) => void incidentChanges.push(...changes),
    });
    return incidents;
  };
  const forget = (): void => {
    alertChanges.length = 0;
    incidentChanges.length = 0;
  };
  beforeAll(() => {
    const { db } = people.identity;
    made = { incidents: open(db), inventory: openInventory({ db, clock: people.clock }) };
    made.incidents.watch(made.inventory);
  });
  afterAll(async () => {
    for (const db of others) await db.close();
  });
  beforeEach(forget);
  const tx: IncidentsRig["tx"] = (work, of = people.first) => people.identity.db.tx({ organisationId: of.actor.organisationId }, work);
  return {
    people,
    get inventory() {
      return get().inventory;
    },
    get incidents() {
      return get().incidents;
    },
    alertChanges,
    incidentChanges,
    effects: () => incidentChanges.map(({ effect, incident }) => `${effect} ${incident.number}`),
    forget,
    now: () => people.clock.now(),
    tx,
    report: (reports, trigger) =>
      tx((inside) =>
        get().incidents.report(
          inside,
          people.clock.now(),
          reports.map((one) => ({ ...anyReport, ...one })),
          trigger,
        ),
      ),
    host: async (name, ...roles) => {
      const { id } = await registerHost(get().inventory, people.first.actor, {
        name,
        roles: roles.map((text) => {
          const [service = "", role = ""] = text.split(":");
          return { service, role };
        }),
        onExisting: "refuse",
      });
      return id;
    },
    another: () => {
      const db = openDb({
        connection: people.connection,
        device: `server:${others.length}`,
        clock: people.clock,
        onError: () => undefined,
      });
      others.push(db);
      return open(db);
    },
  };
}
