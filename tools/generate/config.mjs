import { load } from "../load.mjs";

export const name = "config";

/** @param {{ value: string; default: unknown; unit?: string; minimum?: number; maximum?: number; choices?: readonly string[] }} setting */
function kindOf(setting) {
  if (setting.choices !== undefined) return setting.choices.map((choice) => `\`${choice}\``).join(", ");
  if (setting.value !== "number") return setting.value;
  const unit = setting.unit === undefined ? "" : ` ${setting.unit}`;
  return `${setting.minimum} to ${setting.maximum}${unit}`;
}

/** @param {unknown} value */
function defaultOf(value) {
  if (value === "" || (Array.isArray(value) && value.length === 0)) return "";
  return `\`${String(value)}\``;
}

export async function outputs() {
  const { settings } = await load("src/server/config/settings.ts");
  const cell = (/** @type {string} */ text) => text.replaceAll("|", "\\|");
  const rows = Object.values(settings).map(
    (setting) =>
      `| \`${setting.flag}\` | \`${setting.env}\` | \`${setting.key}\` | ${kindOf(setting)} | ${defaultOf(setting.default)} | ${cell(setting.en)}<br>${cell(setting.ja)} |`,
  );
  return {
    "docs/reference/config.md": `# Settings / 設定

Generated from \`src/server/config/settings.ts\` by \`npm run generate\`; do not edit.

Strongest first: the flag, the environment variable, the key in \`hinoban.yaml\`, the default. Lists are separated by commas in flags and variables.
\`DATABASE_URL\` counts as \`HINOBAN_DATABASE_URL\` where that is not set.

優先順位はコマンドライン、環境変数、\`hinoban.yaml\`、既定値の順。リストはコマンドラインと環境変数ではカンマ区切り。\`HINOBAN_DATABASE_URL\` がなければ \`DATABASE_URL\` も読む。

| flag | environment | hinoban.yaml | values | default | meaning |
|---|---|---|---|---|---|
${rows.join("\n")}
`,
  };
}
