import { HinobanError, messageOf } from "#base/errors";
import { Secret } from "#base/secret";
import { overLimit } from "#features/receivers";
import { scopeOf, serve, type Actor, type Served } from "#http";
import * as wire from "#wire/prometheus";
import { changeMapping, checkRules } from "./change-mapping.ts";
import { changeTarget } from "./change-target.ts";
import { createTarget } from "./create-target.ts";
import { deleteTarget } from "./delete-target.ts";
import type { Prometheus } from "./prometheus.ts";
import { serveRemoteWrite } from "./remote-write.ts";
import { readPage, readSamples } from "./scrape.ts";
import { countTargets, findTarget, pageOfTargets, presented, readMapping } from "./store.ts";
import { checkTarget, demandSecret } from "./target-input.ts";
import { mappedSeries, triedSeries } from "./try-mapping.ts";

const defaultLimit = 50;
const shownSeries = 200;

/** Serves remote write and the own interface to mapping and targets. */
export async function registerPrometheus(served: Served, prometheus: Prometheus): Promise<void> {
  await serveRemoteWrite(served, prometheus);
  registerMapping(served, prometheus);
  registerTargets(served, prometheus);
}

function registerMapping(served: Served, prometheus: Prometheus): void {
  serve(served, wire.getMapping, ({ actor }) => prometheus.db.tx(scopeOf(actor), readMapping));
  serve(served, wire.changeMapping, ({ actor, body }) => changeMapping(prometheus, actor, body));
  serve(served, wire.tryMapping, async ({ body }) => {
    checkRules(body.rules);
    return { series: triedSeries(body, body.exposition) };
  });
  serve(served, wire.getReception, async ({ actor }) => {
    const { lastAt, ...counts } = prometheus.reception(actor.organisationId);
    return { ...counts, ...(lastAt === undefined ? {} : { lastAt }), overLimit: await overLimit(prometheus, actor, prometheus.budget) };
  });
}

function registerTargets(served: Served, prometheus: Prometheus): void {
  const { db } = prometheus;
  serve(served, wire.listTargets, ({ actor, query }) =>
    db.tx(scopeOf(actor), async (tx) => {
      const page = { isDownOnly: query.state === "down", offset: query.offset ?? 0, limit: query.limit ?? defaultLimit };
      const counts = await countTargets(tx);
      const targets = (await pageOfTargets(tx, page)).map(presented);
      return { targets, total: page.isDownOnly ? counts.down : counts.total, down: counts.down };
    }),
  );
  serve(served, wire.createTarget, ({ actor, body }) => createTarget(prometheus, actor, body));
  serve(served, wire.changeTarget, ({ actor, params, body }) => changeTarget(prometheus, actor, params.id, body));
  serve(served, wire.deleteTarget, async ({ actor, params }) => {
    await deleteTarget(prometheus, actor, params.id);
    return { success: true } as const;
  });
  serve(served, wire.tryTarget, ({ actor, body }) => tryTarget(prometheus, actor, body));
}

/** Scrapes once for somebody who sets a target up, and stores nothing. */
async function tryTarget(prometheus: Prometheus, actor: Actor, { id, secret: typed, ...input }: wire.TargetInput & { id?: string }) {
  const { clock, db, seal, reader } = prometheus;
  const given = typed === undefined ? input : { ...input, secret: typed };
  checkTarget(given);
  const kept = id === undefined ? undefined : await db.tx(scopeOf(actor), (tx) => findTarget(tx, id));
  demandSecret(given, kept);
  const secret = typed ? new Secret(typed) : kept?.secret ? seal.open(kept.secret, kept.id) : undefined;
  const began = clock.mono();
  const millis = (): number => Math.round(clock.mono() - began);
  try {
    const page = await readPage(reader, { input, secret });
    const plans = await prometheus.plansOf(actor);
    const { samples, count } = readSamples(page, plans, input, clock.now());
    const series = samples.plans.slice(0, shownSeries).map(mappedSeries);
    return { ok: true, samples: count, millis: millis(), series };
  } catch (error) {
    if (!(error instanceof HinobanError)) throw error;
    return { ok: false, error: messageOf(error), samples: 0, millis: millis(), series: [] };
  }
}
