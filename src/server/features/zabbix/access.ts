import { BlockList, isIP } from "node:net";
import type { Secret } from "#base/secret";
import { sql } from "kysely";
import { installationScope, type Change, type Db, type Seal } from "#store";
import { privateNetworks } from "./tables.ts";

/** Whose data a connection may bring. */
export interface Visitor {
  readonly organisationId: string;
  readonly address: string;
  /** The key it proved to have; undefined: it came without encryption, from a network of the organisation's. */
  readonly psk: KnownPsk | undefined;
  /** Whether a host that is not known yet may register. */
  readonly mayRegister: boolean;
}

export interface KnownPsk {
  readonly id: string;
  readonly organisationId: string;
  readonly identity: string;
  /** The only host that may report by it. */
  readonly hostName: string | undefined;
  readonly key: Secret;
}

export interface OrganisationSettings {
  readonly organisationId: string;
  readonly networks: readonly string[];
  readonly autoregister: boolean;
}

interface Network {
  readonly settings: OrganisationSettings;
  readonly address: string;
  readonly list: BlockList;
  readonly prefix: number;
}

interface Known {
  readonly psks: ReadonlyMap<string, KnownPsk>;
  readonly settings: ReadonlyMap<string, OrganisationSettings>;
  /** The narrowest first. */
  readonly networks: readonly Network[];
  /** Host names that only the holder of a key may use, by organisation. */
  readonly reserved: ReadonlySet<string>;
  readonly firstOrganisation: string | undefined;
}

const nothing: Known = { psks: new Map(), settings: new Map(), networks: [], reserved: new Set(), firstOrganisation: undefined };

/** The change of keys and settings, as it is announced between processes. */
export const zabbixTopic = "zabbix";

/**
 * Who may come in. All keys and networks are held in memory: during a TLS handshake there is no time to ask the database.
 * The first organisation takes data from loopback and private networks until somebody says otherwise, so that a changed `ServerActive`
 * is enough; every other organisation takes none without a key.
 */
export class Access {
  readonly #db: Db;
  readonly #seal: Seal;
  readonly #onProblem: (error: unknown) => void;
  #known = nothing;
  #loading: Promise<void> | undefined;
  #isStale = false;

  constructor(db: Db, seal: Seal, onProblem: (error: unknown) => void) {
    this.#db = db;
    this.#seal = seal;
    this.#onProblem = onProblem;
  }

  /** The organisation that stood first; what belongs to no organisation is shown there. */
  get firstOrganisation(): string | undefined {
    return this.#known.firstOrganisation;
  }

  settingsOf(organisationId: string): OrganisationSettings {
    return this.#known.settings.get(organisationId) ?? { organisationId, networks: [], autoregister: true };
  }

  get psks(): Iterable<KnownPsk> {
    return this.#known.psks.values();
  }

  pskOf(identity: string): KnownPsk | undefined {
    return this.#known.psks.get(identity);
  }

  /** Who comes without encryption; undefined: nobody's network. The narrowest network decides, then the older organisation. */
  visitorAt(address: string): Visitor | undefined {
    const plain = plainAddress(address);
    const family = isIP(plain);
    if (family === 0) return undefined;
    const found = this.#known.networks.find(({ list }) => list.check(plain, family === 4 ? "ipv4" : "ipv6"));
    if (!found) return undefined;
    const { organisationId, autoregister } = found.settings;
    return { organisationId, address: plain, psk: undefined, mayRegister: autoregister };
  }

  /** Another organisation whose plain agents report from a part of this network, if there is one. */
  otherOrganisationIn(organisationId: string, network: string): string | undefined {
    const asked = networkFrom({ organisationId, networks: [], autoregister: false }, network);
    const found = this.#known.networks.find((one) => one.settings.organisationId !== organisationId && overlap(one, asked));
    return found?.settings.organisationId;
  }

  /** Who proved to have a key. A host that a key was made for is expected, so it may always register. */
  visitorWith(psk: KnownPsk, address: string): Visitor {
    const { autoregister } = this.settingsOf(psk.organisationId);
    const mayRegister = autoregister || psk.hostName !== undefined;
    return { organisationId: psk.organisationId, address: plainAddress(address), psk, mayRegister };
  }

  /** Whether the visitor may speak for the host. A name that a key was made for is refused to everybody without that key. */
  maySpeakFor({ organisationId, psk }: Visitor, hostName: string): boolean {
    if (psk?.hostName !== undefined) return psk.hostName === hostName;
    return !this.#known.reserved.has(reservedKey(organisationId, hostName));
  }

  /** Reads keys and networks anew. @throws what the database throws */
  async load(): Promise<void> {
    const { psks, settings } = await this.#db.tx(installationScope, async (tx) => ({
      psks: (await sql<PskRow>`select * from zabbix_valid_psks()`.execute(tx)).rows,
      settings: (await sql<SettingsRow>`select * from zabbix_all_settings()`.execute(tx)).rows,
    }));
    this.#known = this.#understand(psks, settings);
  }

  /** Another process, or this one, changed something; undefined: it may have. */
  onChange(change: Change | undefined): void {
    if (!change || change.topic === zabbixTopic) void this.refresh();
  }

  /** Reads anew; calls that come meanwhile are served by one more reading. */
  refresh(): Promise<void> {
    if (this.#loading) {
      this.#isStale = true;
      return this.#loading;
    }
    this.#loading = this.load()
      .catch((error: unknown) => this.#onProblem(error))
      .then(() => {
        this.#loading = undefined;
        if (!this.#isStale) return undefined;
        this.#isStale = false;
        return this.refresh();
      });
    return this.#loading;
  }

  #understand(pskRows: readonly PskRow[], settingsRows: readonly SettingsRow[]): Known {
    const psks = new Map<string, KnownPsk>();
    const reserved = new Set<string>();
    for (const row of pskRows) {
      const psk = this.#pskOf(row);
      if (!psk) continue;
      psks.set(psk.identity, psk);
      if (psk.hostName !== undefined) reserved.add(reservedKey(psk.organisationId, psk.hostName));
    }
    const settings = new Map(settingsRows.map((row) => [row.organisation_id, settingsFrom(row)]));
    const networks = [...settings.values()].flatMap((one) => one.networks.map((network) => networkFrom(one, network)));
    networks.sort((a, b) => b.prefix - a.prefix);
    return { psks, settings, networks, reserved, firstOrganisation: settingsRows.find((row) => row.is_first)?.organisation_id };
  }

  #pskOf(row: PskRow): KnownPsk | undefined {
    try {
      const key = this.#seal.open(row.sealed, row.id);
      return { id: row.id, organisationId: row.organisation_id, identity: row.identity, hostName: row.host_name ?? undefined, key };
    } catch (error) {
      this.#onProblem(error); // the others still work
      return undefined;
    }
  }
}

interface PskRow {
  readonly id: string;
  readonly organisation_id: string;
  readonly identity: string;
  readonly host_name: string | null;
  readonly sealed: Uint8Array;
}

interface SettingsRow {
  readonly organisation_id: string;
  readonly networks: string[] | null;
  readonly autoregister: boolean | null;
  readonly is_first: boolean | null;
}

const reservedKey = (organisationId: string, hostName: string): string => `${organisationId} ${hostName}`;

/** An IPv4 caller of a dual-stack socket as IPv4; a link-local address without its zone. */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/iu, "").replace(/%.*$/u, "");

function settingsFrom(row: SettingsRow): OrganisationSettings {
  return {
    organisationId: row.organisation_id,
    networks: row.networks ?? (row.is_first === true ? privateNetworks : []),
    autoregister: row.autoregister ?? true,
  };
}

const overlap = (a: Network, b: Network): boolean => contains(a, b.address) || contains(b, a.address);

const contains = ({ list }: Network, address: string): boolean => list.check(address, isIP(address) === 4 ? "ipv4" : "ipv6");

function networkFrom(settings: OrganisationSettings, network: string): Network {
  const [address = "", length] = network.split("/");
  const isV6 = isIP(address) === 6;
  const prefix = length === undefined ? (isV6 ? 128 : 32) : Number(length);
  const list = new BlockList();
  list.addSubnet(address, prefix, isV6 ? "ipv6" : "ipv4");
  // A /24 of IPv4 is as narrow as a /120 of IPv6.
  return { settings, address, list, prefix: isV6 ? prefix : prefix + 96 };
}
