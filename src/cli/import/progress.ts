import type { Call } from "../call.ts";
import type { Text } from "../text.ts";
import { padded } from "../width.ts";

const barWidth = 30;

/** Shows on a terminal how far the work is, on one line that is written over; elsewhere it says nothing. */
export class Progress {
  readonly #call: Call;
  #title = "";
  #done = 0;
  #all = 0;

  constructor(call: Call) {
    this.#call = call;
  }

  begin(title: Text, all: number): void {
    this.#title = this.#call.say(title);
    this.#done = 0;
    this.#all = all;
    this.#draw();
  }

  step(): void {
    this.#done += 1;
    this.#draw();
  }

  note(text: string): void {
    this.#write(`${this.#title} ${text}`);
  }

  /** Takes the line away. */
  clear(): void {
    this.#write("");
  }

  #draw(): void {
    const filled = this.#all === 0 ? 0 : Math.round((barWidth * this.#done) / this.#all);
    const count = this.#all === 0 ? "…" : `${"#".repeat(filled)}${".".repeat(barWidth - filled)} ${this.#done}/${this.#all}`;
    this.#write(`${padded(this.#title, 16)} ${count}`);
  }

  #write(line: string): void {
    const { stderr } = this.#call.world;
    if (!stderr.isTTY || this.#call.isOn("quiet")) return;
    const width = (stderr.columns ?? 80) - 1;
    stderr.write(`\r\u001B[2K${line.slice(0, width)}`);
  }
}
