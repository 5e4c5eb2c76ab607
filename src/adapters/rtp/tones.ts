const rate = 8000;
/** Samples that are looked at together: 25.6 ms, in which the eight tones can be told apart (ITU-T Q.24 asks for 40 ms of tone). */
const blockLength = 205;
/** Blocks overlap by half, so that a tone of 40 ms fills at least one of them. */
const hop = 102;
const rows = [697, 770, 852, 941];
const columns = [1209, 1336, 1477, 1633];
const layout = ["123A", "456B", "789C", "*0#D"];

/** Mean square of a sample below which nothing is a key: about -40 dB of the loudest. */
const quietest = 50_000;
/** One of the two tones may be this much stronger than the other (8 dB). */
const mostTwist = 6.3;
/** Each tone must be this much stronger than the others of its group (8 dB). */
const leastLead = 6.3;
/** How much of all that is heard must be the two tones: voices have much else. */
const leastShare = 0.7;
/** A voice has overtones; a key has none (second harmonic at least 12 dB weaker). */
const mostOvertone = 0.063;
const blocksToPress = 2;
const blocksToRelease = 3;

/** Mean square that a tone of this frequency has in the block (Goertzel). */
function power(block: Float64Array, hertz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * hertz) / rate);
  let [before, last] = [0, 0];
  for (const sample of block) [before, last] = [last, sample + coefficient * last - before];
  return (2 * (last * last + before * before - coefficient * last * before)) / (block.length * block.length);
}

interface Peak {
  readonly index: number;
  readonly power: number;
  readonly isClear: boolean;
}

function peakOf(block: Float64Array, tones: readonly number[]): Peak {
  const powers = tones.map((hertz) => power(block, hertz));
  const strongest = Math.max(...powers);
  const index = powers.indexOf(strongest);
  return { index, power: strongest, isClear: powers.every((one, at) => at === index || one * leastLead < strongest) };
}

/** The key whose two tones, and little else, are in the block. */
function keyIn(block: Float64Array): string | undefined {
  const total = block.reduce((sum, sample) => sum + sample * sample, 0) / block.length;
  if (total < quietest) return undefined;
  const low = peakOf(block, rows);
  const high = peakOf(block, columns);
  if (!low.isClear || !high.isClear || low.power + high.power < total * leastShare) return undefined;
  if (low.power > high.power * mostTwist || high.power > low.power * mostTwist) return undefined;
  const hasOvertones = [
    [low, rows],
    [high, columns],
  ] as const;
  if (hasOvertones.some(([peak, tones]) => power(block, 2 * (tones[peak.index] ?? 0)) > peak.power * mostOvertone)) return undefined;
  return layout[low.index]?.[high.index];
}

/** Finds keys in sound, where a phone can send them in no other way. */
export class ToneReader {
  readonly #block = new Float64Array(blockLength);
  #filled = 0;
  #candidate: string | undefined;
  #count = 0;
  #down: string | undefined;
  #silent = 0;

  /** @returns the keys that went down within these samples */
  read(samples: Int16Array): string[] {
    const pressed: string[] = [];
    for (const sample of samples) {
      this.#block[this.#filled] = sample;
      this.#filled += 1;
      if (this.#filled < blockLength) continue;
      const key = this.#judge(keyIn(this.#block));
      if (key !== undefined) pressed.push(key);
      this.#block.copyWithin(0, hop);
      this.#filled = blockLength - hop;
    }
    return pressed;
  }

  /** Steadies what single blocks say: a key counts from its second block on, and again after a pause of three. */
  #judge(key: string | undefined): string | undefined {
    if (key === this.#down) this.#silent = 0;
    else if ((this.#silent += 1) >= blocksToRelease) this.#down = undefined;
    this.#count = key === this.#candidate ? this.#count + 1 : 1;
    this.#candidate = key;
    if (key === undefined || key === this.#down || this.#count < blocksToPress) return undefined;
    this.#down = key;
    this.#silent = 0;
    return key;
  }
}
