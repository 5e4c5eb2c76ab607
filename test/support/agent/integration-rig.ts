import type { IntegrationConfig } from "../../../src/agent/integrations/integration.ts";
import { Options } from "../../../src/agent/integrations/options.ts";
import type { ProgramEnd, RunProgram } from "../../../src/agent/integrations/program.ts";
import { HinobanError } from "#base/errors";

/** A section of the agent's file whose options stand on lines of their own, in their order, from line 2 on. */
export function sectionOf(name: string, options: Readonly<Record<string, unknown>>): IntegrationConfig {
  const keys = Object.keys(options);
  const lineOf = (option: string): number => keys.indexOf(option.split(".")[0] ?? "") + 2 || 1;
  return { kind: name.split(".")[0] ?? name, name, options, file: "agent.conf", line: 1, lineOf };
}

/** Options of a section; what would be warned about is kept in `warnings`. */
export function optionsOf(values: Readonly<Record<string, unknown>>, name = "test", warnings: string[] = []): Options {
  return new Options({ ...sectionOf(name, values), label: `integrations.${name}` }, (sentence) => warnings.push(sentence));
}

/** Programs whose output was recorded, by command line. A missing one is not installed. Every call is noted. */
export class RecordedPrograms {
  readonly ends = new Map<string, Partial<ProgramEnd> | HinobanError>();
  readonly calls: string[] = [];

  readonly run: RunProgram = async (command) => {
    const line = command.join(" ");
    this.calls.push(line);
    const end = this.ends.get(line);
    if (end instanceof HinobanError) throw end;
    if (!end) throw new HinobanError("not-found", `There is no program ${command[0] ?? ""}.`);
    return { code: 0, stdout: "", stderr: "", ...end };
  };
}

/** A signal that is never aborted. */
export const neverAborted = (): AbortSignal => new AbortController().signal;

/** Text made to confuse a parser of `seed`: cut, doubled, bytes changed, numbers blown up. `random` gives [0, 1). */
export function damaged(seed: string, random: () => number): string {
  let text = seed;
  const changes = 1 + Math.floor(random() * 4);
  for (let change = 0; change < changes; change += 1) {
    const at = Math.floor(random() * (text.length + 1));
    const end = at + Math.floor(random() * 12);
    switch (Math.floor(random() * 6)) {
      case 0:
        text = text.slice(0, at);
        break;
      case 1:
        text = text.slice(0, at) + text.slice(end);
        break;
      case 2:
        text = text.slice(0, end) + text.slice(at);
        break;
      case 3:
        text = text.slice(0, at) + (oddities[Math.floor(random() * oddities.length)] ?? "") + text.slice(end);
        break;
      case 4:
        text = text.slice(0, at) + String.fromCharCode(Math.floor(random() * 256)) + text.slice(at + 1);
        break;
      default:
        text = text.replace(/\d+/u, (oddities[Math.floor(random() * oddities.length)] ?? "0").replaceAll("$", "$$$$"));
    }
  }
  return text;
}

const oddities = [
  "",
  "-1",
  "1e999",
  "NaN",
  "null",
  "{}",
  "[]",
  '""',
  "\u0000",
  "99999999999999999999",
  "\ud800",
  "__proto__",
  "\n",
  ":",
  " ",
  "%",
  "0x",
  '"',
  "\\",
  "<",
  "&",
];

/** A small generator of repeatable numbers (mulberry32). */
export function repeatable(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
