import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { SystemClock } from "#adapters/clock/system";
import { newId } from "#base/ids";
import { defaultSlope } from "#wire/escalation";
import { startEmbedded } from "../../../src/server/store/embedded/index.ts";
import { ApiClient, claim, withNewKey } from "../api-client.ts";
import { testDatabaseBin } from "../config.ts";
import { quietLog } from "../quiet-log.ts";
import { freePort, startServer, type ServerProcess } from "../server-process.ts";
import { trunkPassword, trunkRealm } from "./kamailio.ts";
import { freeUdpPorts } from "./ports.ts";

export interface Engineer {
  readonly name: string;
  /** As at home: 09011110001. */
  readonly number: string;
  readonly id: string;
  readonly email: string;
}

export interface HouseOptions {
  /** Registrar and proxy on 127.0.0.1. */
  readonly trunkPort: number;
  readonly engineers: readonly Pick<Engineer, "name" | "number">[];
  /** How long each is waited for. */
  readonly waitSeconds?: number;
  readonly env?: NodeJS.ProcessEnv;
  readonly capacity?: number;
  readonly rounds?: number;
}

/** A call as the list of calls has it. */
export interface ListedCall {
  readonly id: string;
  readonly state: string;
  readonly cause?: string;
  readonly pressed?: string;
  readonly personId?: string;
  readonly number: string;
}

/**
 * A real server with a real trunk and engineers who have telephones. Its database is beside it, so that the server can be killed and
 * started again quickly, and so that tests may look past its interface.
 */
export class PhoneHouse {
  readonly engineers: Engineer[] = [];
  readonly #options: HouseOptions;
  readonly #folder: string;
  readonly #port: number;
  readonly #databaseUrl: string;
  readonly #rtp: number;
  readonly #stopDatabase: () => Promise<void>;
  readonly database: pg.Client;
  #server: ServerProcess | undefined;
  #owner: ApiClient | undefined;
  #key: ApiClient | undefined;

  private constructor(options: HouseOptions, on: Ground) {
    this.#options = options;
    this.#folder = on.folder;
    this.#port = on.port;
    this.#rtp = on.rtp;
    this.#databaseUrl = on.databaseUrl;
    this.#stopDatabase = on.stopDatabase;
    this.database = on.database;
  }

  static async open(options: HouseOptions): Promise<PhoneHouse> {
    const house = new PhoneHouse(options, await ground());
    await house.start();
    await house.#furnish();
    return house;
  }

  get server(): ServerProcess {
    if (!this.#server) throw new Error("no server runs");
    return this.#server;
  }

  /** The owner's session. */
  get owner(): ApiClient {
    if (!this.#owner) throw new Error("nobody signed in yet");
    return this.#owner;
  }

  /** A key that may read and write. */
  get key(): ApiClient {
    if (!this.#key) throw new Error("there is no key yet");
    return this.#key;
  }

  async start(): Promise<void> {
    this.#server = await startServer({
      dataDir: join(this.#folder, "data"),
      port: this.#port,
      args: ["--no-agent"],
      env: {
        HINOBAN_DATABASE_URL: this.#databaseUrl,
        HINOBAN_OUTGOING_ALLOW: "127.0.0.1/32", // where the trunk is
        HINOBAN_RTP_FROM: String(this.#rtp),
        HINOBAN_RTP_TO: String(this.#rtp + 39),
        ...this.#options.env,
      },
    });
  }

  async #furnish(): Promise<void> {
    this.#owner = await claim(this.server.url, this.server.setupUrl);
    this.#key = await withNewKey(this.#owner);
    for (const [index, one] of this.#options.engineers.entries()) this.engineers.push(await this.#invite(index, one));
    const { trunkPort, capacity = 4, waitSeconds = 20, rounds = 1 } = this.#options;
    await this.owner.get("POST", "/api/v1/orgs/main/lines", {
      kind: "sip",
      preset: "extension",
      name: "Trunk",
      priority: 1,
      capacity,
      domain: trunkRealm,
      server: "127.0.0.1",
      port: trunkPort,
      transport: "udp",
      userName: "0501111",
      password: trunkPassword,
      registers: true,
      takesCalls: true,
      dialForm: "national",
      countryCode: "81",
    });
    const { id } = await this.key.get<{ id: string }>("POST", "/api/v1/orgs/main/escalation/policies", {
      name: "By telephone",
      memo: "",
      rounds,
      pauseSeconds: 0,
      minOpenSeconds: 0,
      ackTimeoutSeconds: 0,
      slope: defaultSlope,
      exhausted: { repeatSeconds: 86_400 },
      steps: [
        {
          afterSeconds: 0,
          mode: "in-order",
          medium: "phone",
          waitSeconds,
          targets: this.engineers.map(({ id: personId }) => ({ kind: "person", personId })),
        },
      ],
    });
    await this.key.get("PUT", "/api/v1/orgs/main/escalation/bindings", { bindings: [{ policyId: id }] });
  }

  /** Joins, with a number that was proved: how numbers are proved is another test. */
  async #invite(index: number, { name, number }: Pick<Engineer, "name" | "number">): Promise<Engineer> {
    const email = `engineer${index + 1}@example.jp`;
    const { path } = await this.owner.get<{ path: string }>("POST", "/api/v1/orgs/main/invitations", { email, role: "collaborator" });
    const newPerson = { name, password: `night watch ${index} 1657`, language: "ja", timeZone: "Asia/Tokyo" };
    const { person } = await this.key.get<{ person: { id: string } }>("POST", `/api/v1/invitations/${path.split("#")[1] ?? ""}`, {
      newPerson,
    });
    await this.database.query(
      `insert into notify_contact (id, organisation_id, person_id, kind, address, label, position, created_at, verified_at)
        select $1, id, $2, 'phone', $3, '', 1, 0, 0 from identity_organisation where name = 'main'`,
      [newId(), person.id, `+81${number.slice(1)}`],
    );
    return { id: person.id, name, number, email };
  }

  /** Ends as if by a power cut. */
  async kill(): Promise<void> {
    await this.server.end("SIGKILL");
  }

  /** Opens a critical incident; its id. */
  async ignite(title: string): Promise<string> {
    return (await this.key.get<{ id: string }>("POST", "/api/v1/orgs/main/incidents", { title, severity: "critical" })).id;
  }

  /** Calls about an incident, oldest first. */
  async calls(incident: string): Promise<ListedCall[]> {
    const { calls } = await this.owner.get<{ calls: ListedCall[] }>("GET", `/api/v1/orgs/main/calls?incident=${incident}`);
    return calls.toReversed();
  }

  async lineState(): Promise<string> {
    const { lines } = await this.owner.get<{ lines: { state: string }[] }>("GET", "/api/v1/orgs/main/lines");
    return lines[0]?.state ?? "none";
  }

  /** @returns how the server ended */
  async close(): Promise<number | string | undefined> {
    const code = await this.#server?.end();
    await this.database.end();
    await this.#stopDatabase();
    rmSync(this.#folder, { recursive: true, force: true });
    return code;
  }
}

interface Ground {
  readonly folder: string;
  readonly port: number;
  readonly rtp: number;
  readonly databaseUrl: string;
  readonly database: pg.Client;
  readonly stopDatabase: () => Promise<void>;
}

async function ground(): Promise<Ground> {
  const folder = mkdtempSync(join(tmpdir(), "hinoban-phones-"));
  chmodSync(folder, 0o711); // PostgreSQL runs as another account when the tests run as root
  const settings = { fsync: "off", synchronous_commit: "off", full_page_writes: "off" };
  const postgres = await startEmbedded({
    dataDir: join(folder, "postgres"),
    clock: new SystemClock(),
    log: quietLog,
    binDir: testDatabaseBin,
    settings,
  });
  const config = postgres.connection("owner", "postgres");
  const database = new pg.Client(config);
  await database.connect();
  const { host = "", port = 5432, user = "", password } = config;
  const databaseUrl = `postgres://${user}:${encodeURIComponent(String(password))}@localhost:${port}/postgres?host=${encodeURIComponent(host)}`;
  return { folder, port: await freePort(), rtp: await freeUdpPorts(40), databaseUrl, database, stopDatabase: () => postgres.stop() };
}
