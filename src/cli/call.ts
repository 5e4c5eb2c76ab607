import type { Api } from "./api.ts";
import { Asked } from "./asked.ts";
import { connect, hostIdHere, type Connection } from "./connection.ts";
import { print } from "./output.ts";
import { usageError, type Language, type Text } from "./text.ts";

/** One call of one command: what was typed, and the ways in and out. */
export class Call extends Asked {
  #connection: Promise<Connection> | undefined;

  get language(): Language {
    return this.world.environment.language;
  }

  say(text: Text): string {
    return text[this.language];
  }

  /** Server and key, found once. @throws CliFailure that says how to give what is missing */
  connection(): Promise<Connection> {
    this.#connection ??= connect(this);
    return this.#connection;
  }

  async api(): Promise<Api> {
    return (await this.connection()).api;
  }

  /** Lets go of the connection, so that the process can end. */
  async close(): Promise<void> {
    const connection = await this.#connection?.catch(() => undefined); // its failure was told by whoever asked for it
    connection?.api.close();
  }

  /** Tells on stderr what was done: `   created 2eQGEaLxiYU`, in mkr's way. Silent with --quiet. */
  log(what: "created" | "updated" | "retired" | "thrown" | "info" | "deleted", message: string): void {
    if (!this.isOn("quiet")) this.#line(what, message, "36");
  }

  warn(text: Text): void {
    this.#line("warning", this.say(text), "33");
  }

  error(text: Text): void {
    this.#line("error", this.say(text), "31");
  }

  #line(prefix: string, message: string, colour: string): void {
    const { stderr, environment } = this.world;
    const label = prefix.padStart(10);
    stderr.write(`${stderr.isTTY && environment.mayColour ? `\u001B[${colour}m${label}\u001B[0m` : label} ${message}\n`);
  }

  /** Prints an answer on stdout in the form that was asked for. */
  print(value: unknown, fields?: unknown): Promise<void> {
    return print(this, value, fields);
  }

  /** The host that `--host` names, or else the one that this machine's agent registered. @throws CliFailure */
  async hostId(given?: string): Promise<string> {
    const id = given ?? (await hostIdHere(this));
    if (id !== undefined) return id;
    throw usageError(
      "Which host? Give its id; this machine has no agent whose id could be taken.",
      "ホスト ID を指定してください（このマシンにはエージェントの ID ファイルがありません）。",
    );
  }
}
