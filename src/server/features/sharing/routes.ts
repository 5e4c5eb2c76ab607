import { scopeOf, serve, type Served } from "#http";
import * as wire from "#wire/sharing";
import { createShareLink } from "./create-share-link.ts";
import { registerEmbeds } from "./embed-routes.ts";
import { listShareLinks } from "./list-share-links.ts";
import { revokeShareLink } from "./revoke-share-link.ts";
import type { Sharing } from "./sharing.ts";

const usualPage = 50;

/** Serves share links, and the graphs that stand alone. */
export function registerSharing(served: Served, sharing: Sharing): void {
  serve(served, wire.listShareLinks, ({ actor, query }) =>
    sharing.db.tx(scopeOf(actor), (tx) =>
      listShareLinks(
        tx,
        { includeEnded: query.includeEnded ?? false, limit: query.limit ?? usualPage, offset: query.offset ?? 0 },
        sharing.clock.now(),
      ),
    ),
  );
  serve(served, wire.createShareLink, ({ actor, body }) => createShareLink(sharing, actor, body));
  serve(served, wire.revokeShareLink, async ({ actor, params }) => {
    await revokeShareLink(sharing, actor, params.id);
    return { success: true as const };
  });
  registerEmbeds(served, sharing);
  served.app.addHook("onClose", () => sharing.rasteriser.close());
}
