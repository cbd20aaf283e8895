// What is said of times: quantiles of a series, and ratios of two series with their interval.

import { ascending, quantileSorted } from "d3-array";

export interface Summary {
  readonly count: number;
  readonly min: number;
  readonly q1: number;
  readonly median: number;
  readonly q3: number;
  readonly p95: number;
}

const sort = (values: readonly number[]) => [...values].sort(ascending);
const quantile = (sorted: number[], share: number) => quantileSorted(sorted, share) as number;

/** undefined without samples. */
export function summarise(samples: readonly number[]): Summary | undefined {
  if (samples.length === 0) return undefined;
  const sorted = sort(samples);
  return {
    count: sorted.length,
    min: sorted[0] as number,
    q1: quantile(sorted, 0.25),
    median: quantile(sorted, 0.5),
    q3: quantile(sorted, 0.75),
    p95: quantile(sorted, 0.95),
  };
}

/** A median with its interval of 95 %. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Fewer values than this have no interval of 95 % for their median. */
export const FEWEST = 6;

/**
 * The median of values and an interval that holds the true one with a probability of at least 95 %,
 * whatever their distribution: each value lies below the true median with probability 1/2, so the
 * number that do is binomial, and its tails say how many of the sorted values to leave out at each end.
 */
export function medianWithInterval(values: readonly number[]): Estimate | undefined {
  const n = values.length;
  if (n < FEWEST) return undefined;
  const sorted = sort(values);
  let left = 0;
  let chance = 2 ** -n;
  for (let tail = chance; tail <= 0.025; tail += chance) {
    ++left;
    chance *= (n - left + 1) / left;
  }
  return {
    value: quantile(sorted, 0.5),
    low: sorted[left - 1] as number,
    high: sorted[n - left] as number,
  };
}

/** How many times as long as `base` a line takes, from the rounds that both have. */
export function ratioOf(times: readonly number[], base: readonly number[]): Estimate | undefined {
  const rounds = Math.min(times.length, base.length);
  const ratios = times.slice(0, rounds).map((time, round) => time / (base[round] as number));
  return medianWithInterval(ratios);
}

/** Ratios within this share of 1 are no difference that anyone would notice. */
export const NEGLIGIBLE = 0.02;

/** "few": too few rounds to say; "unsure": the interval holds 1 and differences that would matter. */
export type Verdict = "faster" | "slower" | "same" | "unsure" | "few";

/** What a ratio says of the line it is of, compared with the base. */
export function verdictOf(ratio: Estimate | undefined): Verdict {
  if (!ratio) return "few";
  const { low, high } = ratio;
  if (low >= 1 - NEGLIGIBLE && high <= 1 + NEGLIGIBLE) return "same";
  if (high < 1) return "faster";
  if (low > 1) return "slower";
  return "unsure";
}

/** An interval that is narrow enough to stop: ±2 % of the ratio. */
const NARROW = 0.02;

export function isNarrow(ratio: Estimate | undefined): boolean {
  return ratio !== undefined && ratio.high - ratio.low <= 2 * NARROW * ratio.value;
}
