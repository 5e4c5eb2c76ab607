import { minutes, seconds } from "#base/duration";
import type { Answer, Rig } from "./inventory-rig.ts";

/** What an alert is, as far as rules decide it. */
export interface SeenAlert {
  readonly key: string;
  readonly status: string;
  readonly message: string;
  readonly isOpen: boolean;
}

/** Rules, points and alerts of the first organisation, as the tests of evaluation speak of them. */
export interface MonitorRig {
  readonly organisationId: string;
  /** Makes a rule by Mackerel's interface and waits until points are judged by it. Its id. */
  rule(settings: object): Promise<string>;
  change(id: string, settings: object): Promise<Answer>;
  remove(id: string): Promise<Answer>;
  host(name: string, ...roleFullnames: string[]): Promise<string>;
  /** Values of one host at a time; the clock stays where it is. */
  post(hostId: string, values: Readonly<Record<string, number>>, secondsAgo?: number): Promise<void>;
  /** One value a minute, the clock moving on with them. */
  posts(hostId: string, name: string, values: readonly number[]): Promise<void>;
  /** Alerts of a rule, oldest first. */
  alerts(origin: string): Promise<SeenAlert[]>;
  /** The minute's work, as the clock would do it. */
  minute(): Promise<void>;
  /** What was announced has arrived everywhere. */
  settled(): Promise<void>;
}

export function monitorRig(rig: Rig): MonitorRig {
  const organisation = (): string => rig.people.first.actor.organisationId;
  const settled = async (): Promise<void> => {
    for (const topic of ["services", "monitors"]) rig.monitors.onChange({ organisationId: organisation(), topic });
    await rig.monitors.settled();
  };
  const demandOk = (answer: Answer): Answer => {
    if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
    return answer;
  };
  const post = async (hostId: string, values: Readonly<Record<string, number>>, secondsAgo = 0): Promise<void> => {
    const time = rig.now() - secondsAgo;
    const body = Object.entries(values).map(([name, value]) => ({ hostId, name, time, value }));
    demandOk(await rig.ask("POST", "/api/v0/tsdb?", { body }));
    await rig.monitors.settled();
  };
  return {
    get organisationId() {
      return organisation();
    },
    rule: async (settings) => {
      await rig.monitors.engine.rulesOf(organisation());
      const { id } = demandOk(await rig.ask("POST", "/api/v0/monitors?", { body: settings })).json;
      await settled();
      return id;
    },
    change: async (id, settings) => {
      const answer = await rig.ask("PUT", `/api/v0/monitors/${id}?`, { body: settings });
      await settled();
      return answer;
    },
    remove: async (id) => {
      const answer = await rig.ask("DELETE", `/api/v0/monitors/${id}?`);
      await settled();
      return answer;
    },
    host: async (name, ...roleFullnames) => {
      const { id } = demandOk(await rig.ask("POST", "/api/v0/hosts?", { body: { name, meta: {}, roleFullnames } })).json;
      return id;
    },
    post,
    posts: async (hostId, name, values) => {
      for (const value of values) {
        await rig.people.clock.advance(minutes(1));
        if (!Number.isNaN(value)) await post(hostId, { [name]: value });
      }
    },
    alerts: async (origin) => {
      const { rows } = await rig.people.owner.query<{ key: string; status: string; message: string; closed_at: number | null }>(
        "select key, status, message, closed_at from incidents_alert where origin_id = $1 order by seq",
        [origin],
      );
      return rows.map(({ closed_at: closedAt, ...row }) => ({ ...row, isOpen: closedAt === null }));
    },
    minute: async () => {
      await rig.people.clock.advance(seconds(60));
      await rig.inventory.listening.beat();
      await rig.monitors.periodic.look();
      await rig.monitors.settled();
    },
    settled,
  };
}
