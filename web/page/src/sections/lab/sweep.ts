// A sweep: one parameter over a range, both methods, both directions, and where they cross.
import { adapt } from "./adapt.ts";
import { problemsOf } from "./rules.ts";
import type { Line, Pass, Settings } from "./settings.ts";
import type { Estimate, Summary } from "./statistics.ts";

export type Parameter = "n" | "c" | "k" | "size" | "kernel" | "stride";
export const PARAMETERS: readonly Parameter[] = ["n", "c", "k", "size", "kernel", "stride"];

export interface SweepPlan {
  readonly parameter: Parameter;
  readonly from: number;
  readonly to: number;
  readonly points: number;
}

export const POINTS = { min: 2, max: 24 };
/** What a sweep may ask for, before the settings say what is legal. */
export const RANGES: Readonly<Record<Parameter, { min: number; max: number }>> = {
  n: { min: 1, max: 512 },
  c: { min: 1, max: 512 },
  k: { min: 1, max: 512 },
  size: { min: 1, max: 512 },
  kernel: { min: 1, max: 31 },
  stride: { min: 1, max: 16 },
};

/** A range worth a look for each parameter. */
export const suggested: Readonly<Record<Parameter, SweepPlan>> = {
  n: { parameter: "n", from: 1, to: 64, points: 7 },
  c: { parameter: "c", from: 1, to: 64, points: 7 },
  k: { parameter: "k", from: 1, to: 64, points: 7 },
  size: { parameter: "size", from: 8, to: 64, points: 8 },
  kernel: { parameter: "kernel", from: 1, to: 11, points: 6 },
  stride: { parameter: "stride", from: 1, to: 4, points: 4 },
};

/** One value of the parameter, measured. */
export interface SweepPoint {
  readonly value: number;
  /** Arithmetic operations of a call. */
  readonly operations: Readonly<Record<Pass, number>>;
  readonly times: readonly {
    readonly line: Line;
    readonly pass: Pass;
    readonly summary: Summary;
    /** To method 1 in the same rounds; of method 2. */
    readonly ratio?: Estimate | undefined;
  }[];
  /** Whether both methods gave the same numbers, up to rounding. */
  readonly agree: boolean;
}

/** One value of the parameter, and the settings to measure it with. */
export interface SweepStep {
  readonly value: number;
  readonly settings: Settings;
}

/** Windows grow by steps, all else by factors. */
export const isWide = ({ parameter }: SweepPlan) =>
  parameter !== "kernel" && parameter !== "stride";

/** The whole numbers that a plan visits, in order, each once. */
export function valuesOf(plan: SweepPlan): readonly number[] {
  const { from, to, points } = plan;
  const values = Array.from({ length: points }, (_, i) => {
    const share = i / (points - 1);
    return Math.round(isWide(plan) ? from * (to / from) ** share : from + (to - from) * share);
  });
  return [...new Set(values)];
}

/** The settings with the parameter at a value: both methods, both ways, random data. */
export function settingsAt(settings: Settings, parameter: Parameter, value: number): Settings {
  const base: Settings = {
    ...settings,
    source: "random",
    filters: "normal",
    paths: ["direct", "im2col"],
    extras: [],
    direction: "both",
  };
  if (parameter === "size") return adapt(base, { h: value, w: value });
  if (parameter === "stride") return adapt(base, { stride: [value, value] });
  if (parameter !== "kernel") return adapt(base, { [parameter]: value });
  // Padding that keeps the map's size goes on doing so.
  const grow = (axis: 0 | 1) =>
    base.padding[axis] === (base.kernel[axis] - 1) / 2
      ? Math.floor((value - 1) / 2)
      : base.padding[axis];
  return adapt(base, { kernel: [value, value], padding: [grow(0), grow(1)] });
}

/** The steps of a plan that can be run, and how many cannot. */
export function stepsOf(
  settings: Settings,
  plan: SweepPlan,
): { readonly steps: readonly SweepStep[]; readonly left: number } {
  const all = valuesOf(plan).map((value) => ({
    value,
    settings: settingsAt(settings, plan.parameter, value),
  }));
  const steps = all.filter((step) => problemsOf(step.settings).length === 0);
  return { steps, left: all.length - steps.length };
}

/** Where the one method takes over from the other. */
export interface Crossing {
  readonly pass: Pass;
  /** Interpolated between the two values around it. */
  readonly value: number;
  readonly between: readonly [number, number];
  /** The method that is faster beyond it. */
  readonly beyond: "direct" | "im2col";
  /** Whether the intervals of both neighbours leave no doubt. */
  readonly sure: boolean;
}

/** The crossings that the points show, in the order of the values. */
export function crossingsOf(points: readonly SweepPoint[], pass: Pass): readonly Crossing[] {
  const ratios = points.flatMap(({ value, times }) => {
    const ratio = times.find((each) => each.pass === pass && each.ratio)?.ratio;
    return ratio ? [{ value, ratio }] : [];
  });
  return ratios.slice(1).flatMap((after, index) => {
    const before = ratios[index] as (typeof ratios)[number];
    if (before.ratio.value > 1 === after.ratio.value > 1) return [];
    const [a, b] = [Math.log(before.ratio.value), Math.log(after.ratio.value)];
    const value = before.value * (after.value / before.value) ** (a / (a - b));
    const apart = ({ low, high }: Estimate) => low > 1 || high < 1;
    const sure = apart(before.ratio) && apart(after.ratio);
    const between = [before.value, after.value] as const;
    return [{ pass, value, between, beyond: after.ratio.value > 1 ? "direct" : "im2col", sure }];
  });
}
