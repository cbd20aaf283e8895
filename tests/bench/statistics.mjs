// Medians, ratios round by round, and intervals of them by resampling the rounds.
const resamples = 2000;

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export const geometricMean = (values) =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);

/** A small seeded generator, so that the same samples give the same interval. */
function generator(seed) {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/**
 * How many times as fast `ours` is as `theirs`: the median of the rounds' ratios, with its bootstrap
 * interval of 95 %.
 * @param {number[]} ours time of each round
 * @param {number[]} theirs time of the same rounds
 */
export function speedup(ours, theirs) {
  const ratios = ours.map((time, round) => theirs[round] / time);
  const next = generator(ratios.length);
  const medians = Array.from({ length: resamples }, () =>
    median(ratios.map(() => ratios[Math.floor(next() * ratios.length)])),
  ).sort((a, b) => a - b);
  return {
    ratio: median(ratios),
    low: medians[Math.floor(0.025 * resamples)],
    high: medians[Math.ceil(0.975 * resamples) - 1],
  };
}
