import { graphData } from "#base/chart/graph-data";
import { graphTitle } from "#base/chart/names";
import { chartSvg } from "#base/chart/svg";
import { zonedClock } from "#base/chart/zone";
import { addTime, days, fromSeconds, minutes, toSeconds, unixSeconds } from "#base/duration";
import { HinobanError } from "#base/errors";
import { numberTexts, type Unit } from "#base/number-text";
import { Secret } from "#base/secret";
import { findOrganisation } from "#features/identity";
import { namesOf, placesOfServices } from "#features/inventory";
import { findGraph, readSeries } from "#features/metrics";
import type { PictureFor, PictureOf, PictureThreshold } from "#features/notify";
import { Seal, type Tx } from "#store";
import type { GraphTarget } from "#wire/sharing";
import type { Look } from "./model.ts";
import type { Picture } from "./pictures.ts";
import type { Sharing } from "./sharing.ts";

/** Where pictures of alerts lie, without the token and its ending. */
export const alertPicturePath = "/embed/public/alert/";

/** Long enough for whoever reads a message after their holidays; chats keep what they fetched. */
const lastsFor = days(30);
/** What led to it, and a little of what came of it. */
const from = minutes(-60);
const after = minutes(15);
const look: Omit<Look, "language"> = { width: 600, height: 260, theme: "light" };

/** A picture that an address stands for. */
export interface AddressedPicture {
  readonly organisationId: string;
  readonly picture: PictureOf;
}

/** What a token holds, short: an address must fit into a message. Times in unix seconds; thresholds with W or C. */
type Packed = [organisationId: string, source: string, metric: string, at: number, expiresAt: number, thresholds: [number, "W" | "C"][]];

/**
 * Graphs of alerts for whoever has their address. The address itself holds what is drawn, sealed: nothing is stored, however many alerts a
 * storm brings, nobody can make up an address, and none tells anything but its picture. All end with the server key, each after 30 days.
 */
export class AlertPictures {
  readonly #sharing: Sharing;
  readonly #seal: Seal;
  readonly #publicUrl: string;

  constructor(sharing: Sharing, serverKey: Secret, publicUrl: string) {
    this.#sharing = sharing;
    this.#seal = new Seal(serverKey, "hinoban alert picture", "There is no such picture.");
    this.#publicUrl = publicUrl.replace(/\/$/u, "");
  }

  /** The public address of a picture; undefined when nobody knows where this server is reached. */
  urlOf(organisationId: string, picture: PictureOf): string | undefined {
    if (this.#publicUrl === "") return undefined;
    return `${this.#publicUrl}${alertPicturePath}${this.tokenOf(organisationId, picture)}.png`;
  }

  tokenOf(organisationId: string, { source, metric, at, thresholds = [] }: PictureOf): string {
    const expiresAt = toSeconds(addTime(this.#sharing.clock.now(), lastsFor));
    const lines = thresholds.map(({ value, status }): [number, "W" | "C"] => [value, status === "WARNING" ? "W" : "C"]);
    const packed: Packed = [organisationId, source, metric, toSeconds(at), expiresAt, lines];
    return this.#seal.seal(new Secret(JSON.stringify(packed)), purpose).toString("base64url");
  }

  /** @throws "not-found", the same for what never was a token and for one that has expired */
  open(token: string): AddressedPicture {
    const packed = this.#unpacked(token);
    if (!packed || packed[4] <= toSeconds(this.#sharing.clock.now())) throw noPicture();
    const [organisationId, source, metric, at, , lines] = packed;
    const thresholds = lines.map(([value, kind]): PictureThreshold => ({ value, status: kind === "W" ? "WARNING" : "CRITICAL" }));
    return { organisationId, picture: { source, metric, at: fromSeconds(unixSeconds(at)), thresholds } };
  }

  #unpacked(token: string): Packed | undefined {
    if (!/^[\w-]{40,1200}$/u.test(token)) return undefined;
    try {
      return JSON.parse(this.#seal.open(Buffer.from(token, "base64url"), purpose).reveal()) as Packed; // sealed by `tokenOf`
    } catch {
      return undefined; // made up, or sealed with another key
    }
  }

  /** Whether time has passed by the whole picture: then it changes no more. */
  isSettled({ at }: PictureOf): boolean {
    return this.#sharing.clock.now() > addTime(at, after);
  }

  /** @throws "not-found" when there is nothing to draw any more, "unavailable" when too many are being drawn */
  png(picture: PictureOf, of: PictureFor): Promise<Picture> {
    const { source, metric, at, thresholds } = picture;
    const key = JSON.stringify(["alert", of, source, metric, at, thresholds]);
    return this.#sharing.pictures.png(key, () => this.#draw(picture, of));
  }

  /** The same for messages that carry the picture itself. Undefined when there is nothing to draw. */
  async bytes(picture: PictureOf, of: PictureFor): Promise<Uint8Array | undefined> {
    try {
      return (await this.png(picture, of)).body;
    } catch (error) {
      if (error instanceof HinobanError && error.code === "not-found") return undefined;
      throw error;
    }
  }

  /** In the language and the zone of an organisation, for strangers whose language nobody knows. */
  async readerOf(organisationId: string): Promise<PictureFor> {
    const organisation = await this.#sharing.db.tx({ organisationId }, findOrganisation);
    if (!organisation) throw noPicture();
    return { organisationId, language: "en", timeZone: organisation.timeZone };
  }

  async #draw(picture: PictureOf, { organisationId, language, timeZone }: PictureFor): Promise<string> {
    const { db, metrics } = this.#sharing;
    const { source, metric, at, thresholds = [] } = picture;
    const graph = await db.tx({ organisationId }, (tx) => this.#graphOf(tx, picture));
    const range = { from: toSeconds(addTime(at, from)), to: toSeconds(addTime(at, after)) };
    const columns = await readSeries(metrics.store, { source, names: [metric], range, buckets: look.width - 60, extremes: false });
    const shape = { isStacked: false, series: [{ name: metric, label: graph.label, isStacked: false }] };
    return chartSvg({
      ...look,
      ...range,
      language,
      scheme: look.theme,
      title: graphTitle({ name: graph.name, kind: graph.kind, title: graph.title }, language),
      owner: graph.owner,
      data: graphData(shape, columns, language),
      kind: "line",
      unit: graph.unit,
      clock: zonedClock(language, timeZone),
      numbers: numberTexts(language),
      thresholds: thresholds.map(({ value, status }) => ({
        value,
        kind: status === "WARNING" ? ("warning" as const) : ("critical" as const),
      })),
      moment: toSeconds(at),
    });
  }

  /** How the metric is called and in what it is measured. @throws "not-found" when whatever it belongs to is not there */
  async #graphOf(tx: Tx, { source, metric }: PictureOf): Promise<DrawnGraph> {
    const owner = await ownerOf(tx, source);
    if (!owner) throw noPicture();
    if (metric.endsWith("%")) return { name: metric, kind: "system", title: metric, label: metric, unit: "percentage", owner: owner.name };
    try {
      const { graph } = await findGraph(this.#sharing.metrics, tx, { ...owner.target, graph: metric });
      const series = "series" in graph ? graph.series[0] : undefined;
      const kind = "kind" in graph ? graph.kind : "system";
      return { name: graph.name, kind, title: graph.title, label: series?.label ?? metric, unit: graph.unit, owner: owner.name };
    } catch (error) {
      if (!(error instanceof HinobanError && error.code === "not-found")) throw error;
      return { name: metric, kind: "custom", title: metric, label: metric, unit: "float", owner: owner.name };
    }
  }
}

interface DrawnGraph {
  readonly name: string;
  readonly kind: "system" | "custom" | "service";
  readonly title: string;
  readonly label: string;
  readonly unit: Unit;
  readonly owner: string;
}

const purpose = "alert-picture";

const noPicture = (): HinobanError => new HinobanError("not-found", "There is no such picture, or it has expired.");

interface Owner {
  readonly name: string;
  readonly target: Omit<Extract<GraphTarget, { kind: "host" }>, "graph"> | Omit<Extract<GraphTarget, { kind: "service" }>, "graph">;
}

async function ownerOf(tx: Tx, source: string): Promise<Owner | undefined> {
  if (source.startsWith("service:")) {
    const id = source.slice("service:".length);
    const service = (await placesOfServices(tx, [id])).get(id);
    return service && { name: service.name, target: { kind: "service", service: service.name } };
  }
  const name = (await namesOf(tx, [`host:${source}`]))[`host:${source}`];
  return name === undefined ? undefined : { name, target: { kind: "host", host: source } };
}
