import { join } from "node:path";
import { SystemClock } from "#adapters/clock/system";
import { Lifetime } from "#base/lifetime";
import { recordedOrganisations, verifyLedger } from "#features/ledger";
import { openDatabase, openDb, type Db } from "#store";
import type { Settings } from "./config.ts";
import { askServer, type ControlAction } from "./control.ts";
import type { Log } from "./log.ts";

interface Out {
  readonly out: { write(text: string): unknown };
}

/** Verifies every organisation's record. Returns how many are broken. */
async function verifyAll(db: Db, say: (line: string) => void): Promise<number> {
  let broken = 0;
  for (const organisationId of await recordedOrganisations(db)) {
    const { checked, bad } = await verifyLedger(db, organisationId);
    if (bad) broken += 1;
    const where = bad && `first bad entry: ${bad.seq} (device ${bad.device}, number ${bad.dseq}): ${bad.problem}`;
    say(bad ? `BROKEN ${organisationId}: ${checked} entries good, then ${where}` : `ok     ${organisationId}: ${checked} entries`);
  }
  return broken;
}

const brokenMark = "BROKEN ";

/** The same inside a running server. */
export const verificationAction =
  (db: Db): ControlAction =>
  async (_input, progress) =>
    void (await verifyAll(db, progress));

/** `hinoban ledger verify`: asks the running server, or opens the database itself. The exit code. */
export async function runVerification(settings: Settings, log: Log, io: Out): Promise<number> {
  let isBroken = false;
  const say = (line: string): void => {
    isBroken ||= line.startsWith(brokenMark);
    io.out.write(`${line}\n`);
  };
  if (!(await askServer(settings.dataDir, "verify", {}, say))) await verifyAlone(settings, log, say);
  return isBroken ? 1 : 0;
}

async function verifyAlone(settings: Settings, log: Log, say: (line: string) => void): Promise<void> {
  const life = new Lifetime();
  const clock = new SystemClock();
  try {
    const database = await openDatabase({
      databaseUrl: settings.databaseUrl,
      dataDir: join(settings.dataDir, "postgres"),
      clock,
      log,
      binDir: settings.pgBin || undefined,
    });
    life.own("database", () => database.stop());
    const db = openDb({
      connection: database.connection("app"),
      device: "verification",
      clock,
      size: 2,
      onError: (error) => log.warn({ error: error.message }, "a database connection was lost"),
    });
    life.own("pool", () => db.close());
    await verifyAll(db, say);
  } finally {
    await life.close();
  }
}
