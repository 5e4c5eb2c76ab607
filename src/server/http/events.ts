import type { FastifyInstance, FastifyReply } from "fastify";
import type { Clock } from "#base/clock";
import { seconds } from "#base/duration";
import { HinobanError } from "#base/errors";
import type { Change } from "#store";
import type { Actor } from "./actor.ts";
import { apiPrefix, principalOf, type Served } from "./serve.ts";

const mostListeners = 1000;

/** Topics after which a listener may have lost the right to listen. */
const mayEndRights: ReadonlySet<string> = new Set(["people", "keys", "settings", "*"]);

type Listener = (topic: string) => void;

/** Fans changes out to the screens that look at their organisation. */
export class ChangeFeed {
  readonly #listeners = new Map<string, Set<Listener>>();
  #count = 0;

  get listeners(): number {
    return this.#count;
  }

  publish(change: Change): void {
    for (const listener of this.#listeners.get(change.organisationId) ?? []) listener(change.topic);
  }

  /** Tells everybody to look again at everything: changes may have been missed. */
  publishGap(): void {
    for (const listeners of this.#listeners.values()) for (const listener of listeners) listener("*");
  }

  /** @throws HinobanError "too-many-requests" when too many screens listen. Returns what ends the subscription. */
  subscribe(organisationId: string, listener: Listener): () => void {
    if (this.#count >= mostListeners) throw new HinobanError("too-many-requests", "Too many screens are open at once.", { retryAfter: 60 });
    const set = this.#listeners.get(organisationId) ?? new Set();
    this.#listeners.set(organisationId, set.add(listener));
    this.#count += 1;
    return () => {
      if (!set.delete(listener)) return;
      this.#count -= 1;
      if (set.size === 0) this.#listeners.delete(organisationId);
    };
  }
}

/** Server-sent events of an organisation: each only names what is stale, the screen then asks again. */
export function serveEvents(served: Served, feed: ChangeFeed, clock: Clock): void {
  const { app, gate } = served;
  const open = new Set<FastifyReply>();
  app.get<{ Params: { org: string } }>(`${apiPrefix}/orgs/:org/events`, { schema: { hide: true } }, async (request, reply) => {
    const enter = async (): Promise<Actor> => {
      const principal = await principalOf(served, request, true);
      if (!principal) throw new HinobanError("unauthenticated", "Sign in first.");
      const actor = await gate.enter(principal, request.params.org, request.ip);
      gate.demand(actor, "organisation.view", `organisation:${actor.organisationId}`);
      return actor;
    };
    const { organisationId } = await enter();
    const end = feed.subscribe(organisationId, (topic) => {
      reply.raw.write(`data: ${JSON.stringify({ topic })}\n\n`);
      // Who was just removed hears nothing further. Whoever still may listen comes again by themselves.
      if (mayEndRights.has(topic)) void enter().catch(() => reply.raw.end());
    });
    const beat = clock.every("http.events", seconds(25), () => {
      reply.raw.write(": still here\n\n");
      void enter().catch(() => reply.raw.end()); // a session that ended ends its stream, too
    });
    open.add(reply);
    reply.raw.on("close", () => {
      beat.cancel();
      end();
      open.delete(reply);
    });
    reply.hijack();
    reply.raw.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no" });
    reply.raw.write("retry: 3000\n\n");
  });
  closeWith(app, open);
}

function closeWith(app: FastifyInstance, open: ReadonlySet<FastifyReply>): void {
  app.addHook("preClose", async () => {
    for (const reply of open) reply.raw.end();
  });
}
