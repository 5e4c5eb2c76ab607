import { HinobanError } from "#base/errors";
import { isAllowed } from "#features/identity";
import { scopeOf, serve, type Actor, type Served } from "#http";
import type { Tx } from "#store";
import type { BodyOf } from "#wire/contract";
import * as wire from "#wire/sources";
import { changeSource } from "./change-source.ts";
import { createSource } from "./create-source.ts";
import { deleteSource } from "./delete-source.ts";
import { serveIngest } from "./ingest.ts";
import { muteSource } from "./mute-source.ts";
import { readOutgoing, setOutgoingBeat } from "./outgoing-beat.ts";
import { readMail } from "./readers/mail.ts";
import { tryMailbox } from "./try-mailbox.ts";
import type { Reading } from "./model.ts";
import { readMessage } from "./readers/index.ts";
import { dropOldAddress, renewAddress } from "./renew-address.ts";
import type { Sources } from "./sources.ts";
import { findSource, present, readSignals, readSources } from "./store.ts";

const defaultSignals = 20;
const shownItems = 100;

/** Serves the addresses of sources and the own interface to them. */
export async function registerSources(served: Served, sources: Sources): Promise<void> {
  await serveIngest(served, sources);
  const { db, clock, incidents } = sources;
  const one = async (tx: Tx, id: string): Promise<wire.Source> => {
    const row = await findSource(tx, id);
    const [source] = await present(tx, [row], await incidents.openByOrigin(tx, "source", [id]), clock.now());
    if (!source) throw new HinobanError("not-found", `There is no source ${id}.`, { id });
    return source;
  };
  const after = async (actor: Actor, id: string, act: Promise<unknown>): Promise<wire.Source> => {
    await act;
    return db.tx(scopeOf(actor), (tx) => one(tx, id));
  };
  serve(served, wire.listSources, ({ actor }) =>
    db.tx(scopeOf(actor), async (tx) => ({ sources: await readSources(tx, await incidents.openByOrigin(tx, "source"), clock.now()) })),
  );
  serve(served, wire.getSource, ({ actor, params }) => db.tx(scopeOf(actor), (tx) => one(tx, params.id)));
  serve(served, wire.createSource, ({ actor, body }) => createSource(sources, actor, body));
  serve(served, wire.changeSource, ({ actor, params, body }) => after(actor, params.id, changeSource(sources, actor, params.id, body)));
  serve(served, wire.deleteSource, async ({ actor, params }) => {
    await deleteSource(sources, actor, params.id);
    return { success: true } as const;
  });
  serve(served, wire.renewAddress, async ({ actor, params }) => {
    const path = await renewAddress(sources, actor, params.id);
    return { source: await db.tx(scopeOf(actor), (tx) => one(tx, params.id)), path };
  });
  serve(served, wire.dropOldAddress, ({ actor, params }) => after(actor, params.id, dropOldAddress(sources, actor, params.id)));
  serve(served, wire.muteSource, ({ actor, params, body }) => after(actor, params.id, muteSource(sources, actor, params.id, body)));
  serve(served, wire.listSignals, ({ actor, params, query }) =>
    db.tx(scopeOf(actor), async (tx) => {
      await findSource(tx, params.id);
      return { signals: await readSignals(tx, params.id, query.limit ?? defaultSignals) };
    }),
  );
  serve(served, wire.trySource, async ({ body }) => tried(body));
  serve(served, wire.tryMailbox, ({ actor, body }) => tryMailbox(sources, actor, body));
  serve(served, wire.tryMail, async ({ body }) => triedMail(body));
  serve(served, wire.getOutgoingBeat, ({ actor }) =>
    db.tx(scopeOf(actor), (tx) => readOutgoing(sources, tx, isAllowed(actor, "source.change", clock.now()))),
  );
  serve(served, wire.setOutgoingBeat, ({ actor, body }) => setOutgoingBeat(sources, actor, body.beat));
}

interface Tried {
  readonly kind: wire.SourceKind;
  readonly defaultSeverity: wire.NewSource["defaultSeverity"];
  readonly mapping?: wire.Mapping;
  readonly body: string;
}

function tried({ kind, defaultSeverity, mapping, body }: Tried): Shown {
  if (kind === "heartbeat" || kind === "mail") return { items: [], problem: `a source of the kind ${kind} reads no messages` };
  return shown(readMessage(kind, body, { defaultSeverity, mapping }));
}

type TriedMail = BodyOf<typeof wire.tryMail>;

function triedMail({ defaultSeverity, mailbox, from, subject, body }: TriedMail): Shown {
  const mail = { id: "example", from, subject, text: body, autoSubmitted: "" };
  return shown(readMail(mail, mailbox, { defaultSeverity, mapping: undefined }));
}

interface Shown {
  items: wire.ReadItem[];
  problem?: string;
}

function shown(reading: Reading): Shown {
  if (reading.kind === "test") return { items: [], problem: "a test message: nothing is opened" };
  if (reading.kind !== "items") return { items: [], problem: reading.why };
  const items = reading.items.slice(0, shownItems).map(({ key, isOpen, severity, name, message, hostNames: [host] }) => ({
    key,
    isOpen,
    severity,
    name,
    message,
    ...(host === undefined ? {} : { host }),
  }));
  return { items };
}
