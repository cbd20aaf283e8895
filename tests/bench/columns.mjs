// The columns that tables of different kinds share. An entry is { name, flop, peakFlop, samples }.
import { median, speedup } from "./statistics.mjs";
import { interval, number } from "./table.mjs";

const gigaflops = (flop, samples) => flop / median(samples) / 1e6;

/** GFLOP/s of one engine. */
export const rate = (name, head = name) => ({
  head,
  value: ({ samples, flop }) => (name in samples ? gigaflops(flop, samples[name]) : null),
  mean: number,
});

/** Milliseconds of one call. */
export const time = (name, head = name) => ({
  head,
  value: ({ samples }) => (name in samples ? median(samples[name]) : null),
  mean: (value) => value.toFixed(3),
});

/** How many times as fast one engine is as another, with its interval. */
export const ratio = (ours, theirs, head) => {
  const of = ({ samples }) => speedup(samples[ours], samples[theirs]);
  return {
    head,
    value: (entry) => (ours in entry.samples && theirs in entry.samples ? of(entry).ratio : null),
    text: (entry) => interval(of(entry)),
    mean: (value) => value.toFixed(2),
  };
};

/** Of the roofline kernels (with and without fused multiply-add) the faster one. */
function peakSamples({ samples }) {
  const kinds = Object.keys(samples).filter((name) => name.startsWith("peak "));
  const times = kinds.map((name) => samples[name]);
  return times.reduce((best, other) => (median(other) < median(best) ? other : best));
}

/** GFLOP/s of the roofline kernel in the same rounds. */
export const peak = {
  head: "peak",
  value: (entry) => gigaflops(entry.peakFlop, peakSamples(entry)),
  mean: number,
};

/** The part of the peak that one engine reaches: the median of the rounds' own. */
export const shareOfPeak = (name, head) => ({
  head,
  value: (entry) => {
    const { samples, flop, peakFlop } = entry;
    if (!(name in samples)) return null;
    return (speedup(samples[name], peakSamples(entry)).ratio * flop) / peakFlop;
  },
  mean: (value) => `${(value * 100).toFixed(0)} %`,
});
