import { load } from "../load.mjs";

export const name = "schema";

export async function outputs() {
  const { migrations } = await load("src/server/store/tables.ts");
  const steps = migrations.map(
    (/** @type {{ id: string; sql: string }} */ { id, sql }) => `-- ${id} ${"-".repeat(Math.max(3, 100 - id.length))}\n${sql.trim()}\n`,
  );
  return {
    "docs/reference/schema.sql": `-- Every step of the database's schema in the order in which it runs.
-- Generated from each feature's tables.ts by \`npm run generate\`; do not edit.

${steps.join("\n")}`,
  };
}
