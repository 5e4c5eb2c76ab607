import type { Downtimes } from "#features/downtimes";
import type { Notify, PictureOf } from "#features/notify";
import type { Deps } from "#store";

/** The public address of a picture; undefined when nobody could reach it. */
export type PictureUrl = (organisationId: string, picture: PictureOf) => string | undefined;

/** What every part of this feature is handed. */
export interface RoutingContext extends Deps {
  readonly notify: Pick<Notify, "sendAll">;
  readonly downtimes: Downtimes;
  /** Under which people reach this server, without a slash at its end; empty when nobody said so. */
  readonly publicUrl: string;
  readonly pictureUrl: PictureUrl;
}
