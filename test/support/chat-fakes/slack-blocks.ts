type Json = Record<string, unknown>;

const isText = (value: unknown, most: number, kinds: readonly string[] = ["plain_text", "mrkdwn"]): boolean => {
  if (typeof value !== "object" || value === null) return false;
  const { type, text } = value as Json;
  return typeof type === "string" && kinds.includes(type) && typeof text === "string" && text.length > 0 && text.length <= most;
};

/** What Slack would find wrong with blocks (docs.slack.dev/reference/block-kit/blocks); undefined when nothing is. */
export function blocksProblem(blocks: readonly Json[]): string | undefined {
  if (blocks.length > 50) return "more than 50 blocks";
  for (const [index, block] of blocks.entries()) {
    const problem = blockProblem(block);
    if (problem !== undefined) return `block ${index}: ${problem}`;
  }
  return undefined;
}

const rules: Readonly<Record<string, (block: Json) => string | undefined>> = {
  header: ({ text }) => (isText(text, 150, ["plain_text"]) ? undefined : "text of a header"),
  divider: () => undefined,
  section: sectionProblem,
  context: ({ elements }) => (isListOfTexts(elements, 3000) ? undefined : "elements of a context"),
  image: ({ image_url: url, alt_text: alt }) => (isAddress(url) && typeof alt === "string" ? undefined : "address of an image"),
  actions: actionsProblem,
};

const blockProblem = (block: Json): string | undefined => {
  const rule = rules[String(block["type"])];
  return rule ? rule(block) : `unknown type ${String(block["type"])}`;
};

const isAddress = (url: unknown): boolean => typeof url === "string" && url.length <= 3000 && /^https?:/u.test(url);

const isListOfTexts = (list: unknown, most: number): boolean =>
  Array.isArray(list) && list.length > 0 && list.length <= 10 && list.every((one) => isText(one, most));

function sectionProblem({ text, fields }: Json): string | undefined {
  if (text === undefined && fields === undefined) return "section without text";
  if (text !== undefined && !isText(text, 3000)) return "text of a section";
  return fields === undefined || isListOfTexts(fields, 2000) ? undefined : "fields";
}

function actionsProblem({ elements }: Json): string | undefined {
  if (!Array.isArray(elements) || elements.length === 0 || elements.length > 25) return "number of elements";
  const ids = elements.map((one: Json) => one["action_id"]);
  if (new Set(ids).size < ids.length) return "the same action_id twice";
  return elements.map((one: Json) => buttonProblem(one)).find((problem) => problem !== undefined);
}

const isShort = (value: unknown, least: number, most: number): boolean =>
  typeof value === "string" && value.length >= least && value.length <= most;

function buttonProblem({ type, text, action_id: id, value, url, style }: Json): string | undefined {
  if (type !== "button") return "not a button";
  if (!isText(text, 75, ["plain_text"])) return "text of a button";
  if (!isShort(id, 1, 255)) return "action_id";
  if (value !== undefined && !isShort(value, 0, 2000)) return "value";
  if (url !== undefined && !isAddress(url)) return "url";
  return style === undefined || style === "primary" || style === "danger" ? undefined : "style";
}
