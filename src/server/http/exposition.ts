/** One figure about the running process, as Prometheus reads it. Counters only grow and end in `_total`; gauges come and go. */
export interface Figure {
  readonly name: string;
  readonly type: "counter" | "gauge";
  readonly help: string;
  /** One value, or one per set of labels. Asked for at each scrape. */
  readonly value: () => number | readonly LabelledValue[];
}

export interface LabelledValue {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The figures in the Prometheus text format, version 0.0.4. */
export function exposition(figures: readonly Figure[]): string {
  return figures.map(expose).join("");
}

function expose({ name, type, help, value }: Figure): string {
  const now = value();
  const lines = typeof now === "number" ? [`${name} ${now}`] : now.map((one) => `${name}{${labelText(one.labels)}} ${one.value}`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("\n")}\n`;
}

const labelText = (labels: LabelledValue["labels"]): string =>
  Object.entries(labels)
    .map(([key, text]) => `${key}="${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`)
    .join(",");
