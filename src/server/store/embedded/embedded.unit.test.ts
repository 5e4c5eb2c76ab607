import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { expect, test } from "vitest";
import { SystemClock } from "#adapters/clock/system";
import { quietLog } from "#test/quiet-log";
import { startEmbedded } from "./index.ts";

test("a first start makes a database that both roles can use", async () => {
  const directory = mkdtempSync(join(tmpdir(), "hinoban-"));
  chmodSync(directory, 0o711);
  const postgres = await startEmbedded({ dataDir: join(directory, "postgres"), clock: new SystemClock(), log: quietLog });
  try {
    for (const user of ["owner", "app"] as const) {
      const client = new pg.Client(postgres.connection(user));
      await client.connect();
      const { rows } = await client.query<{ current_user: string }>("select current_user");
      expect(rows[0]?.current_user).toBe(user === "owner" ? "hinoban" : "hinoban_app");
      await client.end();
    }
  } finally {
    await postgres.stop();
    rmSync(directory, { recursive: true });
  }
});
