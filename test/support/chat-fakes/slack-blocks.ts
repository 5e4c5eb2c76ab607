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

function blockProblem(block: Json): string | undefined {
  switch (block["type"]) {
    case "header":
      return isText(block["text"], 150, ["plain_text"]) ? undefined : "text of a header";
    case "divider":
      return undefined;
    case "section":
      return sectionProblem(block);
    case "context": {
      const elements = block["elements"];
      return Array.isArray(elements) && elements.length > 0 && elements.length <= 10 && elements.every((one) => isText(one, 3000))
        ? undefined
        : "elements of a context";
    }
    case "image":
      return typeof block["image_url"] === "string" && /^https?:/u.test(block["image_url"]) && typeof block["alt_text"] === "string"
        ? undefined
        : "address of an image";
    case "actions": {
      const elements = block["elements"];
      if (!Array.isArray(elements) || elements.length === 0 || elements.length > 25) return "number of elements";
      const ids = elements.map((one: Json) => one["action_id"]);
      if (new Set(ids).size < ids.length) return "the same action_id twice";
      return elements.map((one: Json) => buttonProblem(one)).find((problem) => problem !== undefined);
    }
    default:
      return `unknown type ${String(block["type"])}`;
  }
}

function sectionProblem(block: Json): string | undefined {
  const { text, fields } = block;
  if (text === undefined && fields === undefined) return "section without text";
  if (text !== undefined && !isText(text, 3000)) return "text of a section";
  if (fields === undefined) return undefined;
  return Array.isArray(fields) && fields.length > 0 && fields.length <= 10 && fields.every((one) => isText(one, 2000))
    ? undefined
    : "fields";
}

function buttonProblem(button: Json): string | undefined {
  if (button["type"] !== "button") return "not a button";
  if (!isText(button["text"], 75, ["plain_text"])) return "text of a button";
  const { action_id: id, value, url, style } = button;
  if (typeof id !== "string" || id === "" || id.length > 255) return "action_id";
  if (value !== undefined && (typeof value !== "string" || value.length > 2000)) return "value";
  if (url !== undefined && (typeof url !== "string" || url.length > 3000 || !/^https?:/u.test(url))) return "url";
  if (style !== undefined && style !== "primary" && style !== "danger") return "style";
  return undefined;
}
