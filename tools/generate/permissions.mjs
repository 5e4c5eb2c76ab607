import { load } from "../load.mjs";

export const name = "permissions";

export async function outputs() {
  const { permissions, memberRoles } = await load("src/wire/permissions.ts");
  const rows = Object.entries(permissions).map(([permission, { role, key, en, ja }]) => {
    const marks = memberRoles.map((/** @type {string} */ _, /** @type {number} */ index) =>
      index >= memberRoles.indexOf(role) ? "✓" : "",
    );
    return `| \`${permission}\` | ${marks.join(" | ")} | ${key} | ${en} | ${ja} |`;
  });
  return {
    "docs/reference/permissions.md": `# Permissions / 権限

Generated from \`src/wire/permissions.ts\` by \`npm run generate\`; do not edit.

Which role of a member has which permission, and what an API key must be able to do. \`none\` means that no key has it. A refusal is recorded.

| permission | ${memberRoles.join(" | ")} | API key | English | 日本語 |
|---|${memberRoles.map(() => ":-:").join("|")}|---|---|---|
${rows.join("\n")}
`,
  };
}
