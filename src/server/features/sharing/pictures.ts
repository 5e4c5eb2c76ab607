import { createHash } from "node:crypto";
import type { Clock } from "#base/clock";
import { minutes } from "#base/duration";
import { HinobanError } from "#base/errors";
import type { Rasteriser } from "#ports/rasteriser/port";

/** A drawn graph, ready to be sent. */
export interface Picture {
  readonly body: Buffer;
  /** Quoted, as the header wants it. */
  readonly etag: string;
}

interface PicturesDeps {
  readonly clock: Clock;
  readonly rasteriser: Rasteriser;
}

/** So many graphs are read and drawn at a time. */
const mostAtOnce = 4;
/** And so many may wait for that. */
const mostWaiting = 64;
/** Of all pictures of a minute together. */
const mostBytes = 32 * 1024 * 1024;

/**
 * Draws each picture once a minute, however many ask for it: points come by the minute. Whoever comes while it is being drawn waits for
 * the same drawing. What asks for too much at once is refused rather than queued without end.
 */
export class Pictures {
  readonly #deps: PicturesDeps;
  #minute = -1;
  #kept = new Map<string, Promise<Picture>>();
  #bytes = 0;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(deps: PicturesDeps) {
    this.#deps = deps;
  }

  /** The picture of `key`; `draw` makes its SVG when there is none of this minute. @throws HinobanError "unavailable" when too many wait */
  svg(key: string, draw: () => Promise<string>): Promise<Picture> {
    return this.#once(`svg ${key}`, async () => pictureOf(Buffer.from(await this.#inTurn(draw))));
  }

  /** The same as PNG. */
  png(key: string, draw: () => Promise<string>): Promise<Picture> {
    return this.#once(`png ${key}`, async () => {
      const svg = await this.svg(key, draw);
      return pictureOf(Buffer.from(await this.#deps.rasteriser.png(svg.body.toString("utf8"))));
    });
  }

  #once(key: string, make: () => Promise<Picture>): Promise<Picture> {
    const minute = Math.floor(this.#deps.clock.now() / minutes(1));
    if (minute !== this.#minute) {
      this.#kept = new Map();
      this.#bytes = 0;
      this.#minute = minute;
    }
    const kept = this.#kept;
    const known = kept.get(key);
    if (known) return known;
    const making = make();
    kept.set(key, making);
    void this.#account(kept, key, making);
    return making;
  }

  /** Keeps what was drawn while there is room, and nothing that failed. */
  async #account(kept: Map<string, Promise<Picture>>, key: string, making: Promise<Picture>): Promise<void> {
    try {
      const { body } = await making;
      if (kept !== this.#kept) return;
      this.#bytes += body.length;
      if (this.#bytes > mostBytes) kept.delete(key);
    } catch {
      kept.delete(key); // whoever asked is told
    }
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= mostAtOnce) {
      if (this.#waiting.length >= mostWaiting)
        throw new HinobanError("unavailable", "Too many graphs are being drawn. Try again in a moment.", { retryAfter: 5 });
      await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    } else this.#running += 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // Whoever is next takes this place over.
      if (next) next();
      else this.#running -= 1;
    }
  }
}

const pictureOf = (body: Buffer): Picture => ({ body, etag: `"${createHash("sha256").update(body).digest("base64url").slice(0, 27)}"` });
