import { load } from "../load.mjs";

export const name = "verbs";

export async function outputs() {
  const { verbs } = await load("src/wire/verbs.ts");
  const rows = Object.entries(verbs).map(
    ([verb, { detail, en, ja }]) =>
      `| \`${verb}\` | ${detail.map((/** @type {string} */ field) => `\`${field}\``).join(" ")} | ${en} | ${ja} |`,
  );
  return {
    "docs/reference/verbs.md": `# Verbs of the ledger / 台帳の動詞

Generated from \`src/wire/verbs.ts\` by \`npm run generate\`; do not edit.

A verb is never renamed and never used again for something else. \`detail\` lists the fields that an entry of the verb may carry; fields with names or free text hold a salted hash, the text lies beside the record.

| verb | detail | English | 日本語 |
|---|---|---|---|
${rows.join("\n")}
`,
  };
}
