/** Times of this many requests are kept one by one; beyond that they are counted in buckets. */
const keptExactly = 4096;

// Buckets grow by 1 %: from a microsecond to three hours in 2,310 of them, 18 kB.
const smallest = 1e-6;
const growth = Math.log(1.01);
const buckets = 2310;

/** Percentiles of a minute's request times in constant memory: exact up to 4,096 requests, within 0.5 % beyond. Times in seconds. */
export class Latency {
  readonly #exact = new Float64Array(keptExactly);
  #counts: Float64Array | undefined;
  #count = 0;
  #sum = 0;
  #max = 0;

  get count(): number {
    return this.#count;
  }

  /** @returns undefined when there was no request. */
  get average(): number | undefined {
    return this.#count === 0 ? undefined : this.#sum / this.#count;
  }

  get max(): number | undefined {
    return this.#count === 0 ? undefined : this.#max;
  }

  /** @param time seconds, not negative */
  add(time: number): void {
    if (this.#count < keptExactly) this.#exact[this.#count] = time;
    else this.#bucket(time);
    this.#count += 1;
    this.#sum += time;
    if (time > this.#max) this.#max = time;
  }

  /** The smallest time that `percent` of the requests did not exceed (nearest rank). */
  percentile(percent: number): number | undefined {
    if (this.#count === 0) return undefined;
    const rank = Math.max(1, Math.ceil((percent / 100) * this.#count));
    if (this.#counts) return Math.min(this.#max, bucketOfRank(this.#counts, rank));
    return this.#exact.slice(0, this.#count).sort()[rank - 1];
  }

  /** Begins a new minute. */
  reset(): void {
    this.#counts = undefined;
    this.#count = 0;
    this.#sum = 0;
    this.#max = 0;
  }

  #bucket(time: number): void {
    if (!this.#counts) {
      this.#counts = new Float64Array(buckets);
      for (const kept of this.#exact) count(this.#counts, kept);
    }
    count(this.#counts, time);
  }
}

function count(counts: Float64Array, time: number): void {
  const index = time <= smallest ? 0 : Math.min(buckets - 1, Math.ceil(Math.log(time / smallest) / growth));
  counts[index] = (counts[index] ?? 0) + 1;
}

function bucketOfRank(counts: Float64Array, rank: number): number {
  let seen = 0;
  let index = 0;
  for (; index < buckets - 1; index += 1) {
    seen += counts[index] ?? 0;
    if (seen >= rank) break;
  }
  return index === 0 ? 0 : smallest * Math.exp((index - 0.5) * growth); // the middle of the bucket
}
