import { sql } from "kysely";
import { installationScope } from "#store";
import { Secret } from "#base/secret";
import type { PushKeys } from "#ports/push-cipher/port";
import type { NotifyContext } from "./context.ts";
import { noDriver } from "./load-job.ts";
import { HinobanError } from "#base/errors";

interface Row {
  readonly public_key: string;
  readonly private_key: Buffer;
}

/** What the private key is sealed for: there is one pair for the whole installation. */
const owner = "vapid";

/**
 * The keys by which browsers and push services know this installation. Made when they are needed first and kept: with others, every
 * browser would have to be asked again.
 * @throws "unavailable" where nothing can be pushed; "storage-damaged" when the server key is another one
 */
export async function pushKeys({ db, clock, deps: { push }, pushSeal }: NotifyContext): Promise<PushKeys> {
  if (!push) throw new HinobanError("unavailable", noDriver.push);
  const read = async (): Promise<Row | undefined> =>
    db.tx(installationScope, async (tx) => (await sql<Row>`select public_key, private_key from notify_push_key`.execute(tx)).rows[0]);
  let row = await read();
  if (!row) {
    const { publicKey, privateKey } = push.newKeys();
    // Of two servers that begin at once the first one's keys hold. No person did it: the history does not hear of it.
    await db.tx(installationScope, (tx) =>
      sql`insert into notify_push_key (id, public_key, private_key, created_at)
        values (${owner}, ${publicKey}, ${pushSeal.seal(privateKey, owner)}, ${clock.now()}) on conflict do nothing`.execute(tx),
    );
    row = await read();
  }
  if (!row) throw new HinobanError("internal", "The keys for notifications in browsers were not kept.");
  return { publicKey: row.public_key, privateKey: new Secret(pushSeal.open(row.private_key, owner).reveal()) };
}
