/** A monitor as a file or the server has it. */
export type Rule = Readonly<Record<string, unknown>>;

export interface Changed {
  readonly before: Rule;
  readonly after: Rule;
}

export interface Difference {
  readonly added: readonly Rule[];
  readonly changed: readonly Changed[];
  readonly removed: readonly Rule[];
}

/**
 * What makes the rules `after` of those `before`, as mkr finds it: a rule is the same one by its id, and where it has none, by its name, if
 * names are unique.
 */
export function compareRules(before: readonly Rule[], after: readonly Rule[]): Difference {
  const byName = isUnique(before) && isUnique(after);
  const left = new Set(before);
  const added: Rule[] = [];
  const changed: Changed[] = [];
  for (const rule of after) {
    const same = [...left].find((one) => isSame(one, rule, byName));
    if (!same) added.push(rule);
    else {
      left.delete(same);
      if (written(same) !== written({ ...rule, id: same["id"] })) changed.push({ before: same, after: rule });
    }
  }
  return { added, changed, removed: [...left] };
}

const isUnique = (rules: readonly Rule[]): boolean => new Set(rules.map((rule) => rule["name"])).size === rules.length;

function isSame(a: Rule, b: Rule, byName: boolean): boolean {
  if (a["type"] !== b["type"]) return false;
  if (hasId(a) && hasId(b)) return a["id"] === b["id"];
  return byName && a["name"] === b["name"];
}

const hasId = (rule: Rule): boolean => typeof rule["id"] === "string" && rule["id"] !== "";

/** What a client of Mackerel leaves out is as good as what it would write for it; a threshold of zero is one. */
const thresholds = new Set(["warning", "critical"]);
const isAbsent = (key: string, value: unknown): boolean =>
  value === null ||
  value === undefined ||
  value === "" ||
  value === false ||
  (value === 0 && !thresholds.has(key)) ||
  (Array.isArray(value) && value.length === 0 && key !== "headers");

function normal(rule: Rule): Rule {
  const entries = Object.entries(rule).filter(([key, value]) => !isAbsent(key, value));
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

const written = (rule: Rule): string => JSON.stringify(normal(rule), undefined, 2);

/** The difference for people: a summary, then each rule line by line with `+` and `-`. */
export function diffText({ added, changed, removed }: Difference): string {
  const summary = `Summary: ${changed.length} modify, ${added.length} append, ${removed.length} remove\n`;
  const parts = [
    ...changed.map(({ before, after }) => linesDiffer(written(before), written({ ...after, id: before["id"] }))),
    ...removed.map((rule) => marked("-", written(rule))),
    ...added.map((rule) => marked("+", written(rule))),
  ];
  return [summary, ...parts].join("\n");
}

const marked = (mark: string, text: string): string =>
  text
    .split("\n")
    .map((line) => `${mark}${line}\n`)
    .join("");

/** Lines of both, in order: keys are sorted, so that a line is in both or has changed. */
function linesDiffer(before: string, after: string): string {
  const [a, b] = [before.split("\n"), after.split("\n")];
  let text = "";
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [old, fresh] = [a[i], b[j]];
    if (old === fresh) {
      text += ` ${old ?? ""}\n`;
      i += 1;
      j += 1;
    } else if (old !== undefined && !b.includes(old, j)) {
      text += `-${old}\n`;
      i += 1;
    } else {
      text += `+${fresh ?? ""}\n`;
      j += 1;
    }
  }
  return text;
}
