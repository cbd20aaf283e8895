// Configurations worth a look: the chapter's two performance tests first, then one for each property.
import { defaults, type Settings } from "./settings.ts";

export type PresetId =
  | "chapterConv"
  | "chapterPool"
  | "digitsConv"
  | "edges"
  | "stride"
  | "dilation"
  | "depthwise"
  | "padding"
  | "overlap"
  | "digitsMean";

export interface Preset {
  readonly id: PresetId;
  readonly settings: Settings;
}

/** The chapter's own measurement of one of the presets: numpy and numba, hardware not stated. */
export interface Published {
  readonly loops: number;
  /** Seconds for all loops, forward and backward; method 1 ran in numba, method 2 in numpy. */
  readonly seconds: { readonly direct: number; readonly im2col: number };
  /** The number of loops that its text names where its code ran `loops`. */
  readonly loopsInText?: number;
}

const preset = (id: PresetId, changes: Partial<Settings>): Preset => ({
  id,
  settings: { ...defaults, ...changes },
});

export const presets: readonly Preset[] = [
  preset("chapterConv", { padding: [1, 1], delta: "ones", reduction: "mean" }),
  preset("chapterPool", {
    operation: "maxPool2d",
    kernel: [2, 2],
    stride: [2, 2],
    delta: "uniform",
  }),
  preset("digitsConv", { source: "digits", c: 1, k: 6, kernel: [5, 5], padding: [2, 2] }),
  preset("edges", {
    source: "picture",
    n: 1,
    h: 128,
    w: 128,
    filters: "edges",
    padding: [1, 1],
  }),
  preset("stride", { n: 16, c: 16, h: 32, w: 32, k: 32, stride: [2, 2], padding: [1, 1] }),
  preset("dilation", { n: 8, c: 8, h: 32, w: 32, k: 16, dilation: [2, 2], padding: [2, 2] }),
  preset("depthwise", { n: 8, c: 32, k: 32, groups: 32, padding: [1, 1] }),
  preset("padding", { n: 8, h: 12, w: 10, padding: [5, 4], delta: "uniform" }),
  preset("overlap", {
    operation: "maxPool2d",
    n: 8,
    c: 16,
    h: 32,
    w: 32,
    padding: [1, 1],
    delta: "uniform",
  }),
  preset("digitsMean", {
    operation: "avgPool2d",
    source: "digits",
    c: 1,
    kernel: [2, 2],
    stride: [2, 2],
    delta: "uniform",
  }),
];

export const published: Partial<Record<PresetId, Published>> = {
  chapterConv: { loops: 100, seconds: { direct: 11.83, im2col: 3.543 }, loopsInText: 1000 },
  chapterPool: { loops: 5000, seconds: { direct: 17.537, im2col: 22.515 } },
};

/** What a run must have in common with a preset for its times to be compared with the preset's. */
const WORK: readonly (keyof Settings)[] = [
  "operation",
  "source",
  "distribution",
  "n",
  "c",
  "h",
  "w",
  "k",
  "kernel",
  "stride",
  "padding",
  "dilation",
  "groups",
  "filters",
  "ceilMode",
  "countIncludePad",
  "delta",
  "reduction",
];

/** The preset whose work these settings do, however often and by whichever paths. */
export function presetOf(settings: Settings): PresetId | undefined {
  const same = (a: Settings) =>
    WORK.every((name) => JSON.stringify(a[name]) === JSON.stringify(settings[name]));
  return presets.find((candidate) => same(candidate.settings))?.id;
}
