/** A Gaussian mixture with diagonal covariances: a few clouds in which the usual lies. */
export interface Mixture {
  readonly weights: readonly number[];
  readonly means: readonly (readonly number[])[];
  readonly variances: readonly (readonly number[])[];
}

/** Rows of equal length. */
export type Rows = readonly (readonly number[])[];

/** Kept away from zero, so that what never moved in training does not make everything odd. In units of the data's own spread. */
const leastVariance = 0.01;
const mostRounds = 60;
const tolerance = 1e-4;

/** Mulberry32: the same clouds for the same data. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The logarithm of how likely a row is in one cloud. @param constant of the cloud, see {@link constantsOf} */
function logDensity(row: readonly number[], mean: readonly number[], variance: readonly number[], constant: number): number {
  let sum = constant;
  for (let d = 0; d < row.length; d++) {
    const difference = (row[d] ?? 0) - (mean[d] ?? 0);
    sum += (difference * difference) / (variance[d] ?? 1);
  }
  return -sum / 2;
}

/** What of each cloud's density does not depend on the row. */
const constantsOf = ({ variances }: Mixture): number[] =>
  variances.map((variance) => variance.reduce((sum, v) => sum + Math.log(2 * Math.PI * v), 0));

function logSum(values: readonly number[]): number {
  const top = Math.max(...values);
  return top === -Infinity ? top : top + Math.log(values.reduce((sum, value) => sum + Math.exp(value - top), 0));
}

function partsOf(row: readonly number[], mixture: Mixture, constants: readonly number[] = constantsOf(mixture)): number[] {
  const { weights, means, variances } = mixture;
  return weights.map((weight, k) => Math.log(weight) + logDensity(row, means[k] ?? [], variances[k] ?? [], constants[k] ?? 0));
}

/** How odd a row is: minus the logarithm of its likelihood. */
export const oddness = (row: readonly number[], mixture: Mixture): number => -logSum(partsOf(row, mixture));

/** The column that lies farthest from the cloud to which the row most likely belongs, and how many standard deviations away it is. */
export function farthest(row: readonly number[], mixture: Mixture): { readonly column: number; readonly deviations: number } {
  const parts = partsOf(row, mixture);
  const k = parts.indexOf(Math.max(...parts));
  let [column, deviations] = [0, 0];
  for (let d = 0; d < row.length; d++) {
    const away = ((row[d] ?? 0) - (mixture.means[k]?.[d] ?? 0)) / Math.sqrt(mixture.variances[k]?.[d] ?? 1);
    if (Math.abs(away) > Math.abs(deviations)) [column, deviations] = [d, away];
  }
  return { column, deviations };
}

/** Lets others have their turn: learning takes seconds in all. */
export type Breathe = () => Promise<void>;

/** Learns a mixture, with as many clouds (at most `most`) as explain the rows best for their number (Bayesian information criterion). */
export async function learn(rows: Rows, breathe: Breathe, most = 5): Promise<Mixture> {
  let best: { readonly mixture: Mixture; readonly criterion: number } | undefined;
  const width = rows[0]?.length ?? 0;
  for (let clouds = 1; clouds <= most; clouds++) {
    const mixture = await fit(rows, clouds, breathe);
    const constants = constantsOf(mixture);
    const likelihood = rows.reduce((sum, row) => sum + logSum(partsOf(row, mixture, constants)), 0);
    const criterion = (2 * width * clouds + clouds - 1) * Math.log(rows.length) - 2 * likelihood;
    if (!best || criterion < best.criterion) best = { mixture, criterion };
  }
  return best?.mixture ?? { weights: [1], means: [[]], variances: [[]] };
}

/** Expectation and maximisation, from rows that lie far apart. */
async function fit(rows: Rows, clouds: number, breathe: Breathe): Promise<Mixture> {
  let mixture = begin(rows, clouds);
  let before = -Infinity;
  for (let round = 0; round < mostRounds; round++) {
    await breathe();
    const constants = constantsOf(mixture);
    let likelihood = 0;
    const shares = rows.map((row) => {
      const parts = partsOf(row, mixture, constants);
      const whole = logSum(parts);
      likelihood += whole / rows.length;
      return parts.map((part) => Math.exp(part - whole));
    });
    mixture = maximise(rows, shares, clouds);
    if (likelihood - before < tolerance) break;
    before = likelihood;
  }
  return mixture;
}

function begin(rows: Rows, clouds: number): Mixture {
  const random = randomOf(rows.length * 31 + clouds);
  const means = [rows[Math.floor(random() * rows.length)] ?? []];
  while (means.length < clouds) {
    const away = rows.map((row) => Math.min(...means.map((mean) => distance(row, mean))));
    let left = random() * away.reduce((sum, one) => sum + one, 0);
    const next = away.findIndex((one) => (left -= one) <= 0);
    means.push(rows[Math.max(0, next)] ?? []);
  }
  return { weights: means.map(() => 1 / clouds), means, variances: means.map((mean) => mean.map(() => 1)) };
}

const distance = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, one, d) => sum + (one - (b[d] ?? 0)) ** 2, 0);

function maximise(rows: Rows, shares: Rows, clouds: number): Mixture {
  const width = rows[0]?.length ?? 0;
  const weights: number[] = [];
  const means: number[][] = [];
  const variances: number[][] = [];
  for (let k = 0; k < clouds; k++) {
    let total = 1e-9;
    const mean = Array.from({ length: width }, () => 0);
    const square = Array.from({ length: width }, () => 0);
    for (const [i, row] of rows.entries()) {
      const share = shares[i]?.[k] ?? 0;
      total += share;
      for (let d = 0; d < width; d++) {
        const value = row[d] ?? 0;
        mean[d] = (mean[d] ?? 0) + share * value;
        square[d] = (square[d] ?? 0) + share * value * value;
      }
    }
    weights.push(Math.max(1e-6, total / rows.length));
    means.push(mean.map((sum) => sum / total));
    variances.push(square.map((sum, d) => Math.max(leastVariance, sum / total - ((mean[d] ?? 0) / total) ** 2)));
  }
  return { weights, means, variances };
}
