import type { Downtimes } from "#features/downtimes";
import type { Notify, PictureOf } from "#features/notify";
import type { Deps, Tx } from "#store";

/** The public address of a picture; undefined when nobody could reach it. */
export type PictureUrl = (organisationId: string, picture: PictureOf) => string | undefined;

/** What features that this one must not know answer it. */
export interface RoutingExtension {
  /** Whether alerts of the monitor are told to nobody. */
  isMuted(tx: Tx, monitorId: string): Promise<boolean>;
}

/** What every part of this feature is handed. */
export interface RoutingContext extends Deps {
  readonly notify: Pick<Notify, "sendAll">;
  readonly downtimes: Downtimes;
  /** Under which people reach this server, without a slash at its end; empty when nobody said so. */
  readonly publicUrl: string;
  readonly pictureUrl: PictureUrl;
  readonly extension: RoutingExtension;
}
