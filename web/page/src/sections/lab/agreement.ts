// Two results compared element by element, against a tolerance that is honest in float32.
//
// A sum of float32 terms errs by some multiple of 2⁻²³·Σ|terms|, however it is ordered; so the
// tolerance is that multiple, and Σ|terms| is computed, exactly, by the double-precision reference on
// the absolute values of the operands.

/** The unit of the tolerance: the distance of 1 to the next float32. */
export const EPSILON = 2 ** -23;

/** Multiples of EPSILON·Σ|terms|: data of both signs, and data that are nowhere negative. */
export const SIGNED_FACTOR = 4;
export const POSITIVE_FACTOR = 8;

/** How far apart two results may be: not at all, or by factor·2⁻²³·Σ|terms|, element by element. */
export type Tolerance =
  | { readonly kind: "exact" }
  | { readonly kind: "terms"; readonly factor: number; readonly terms: ArrayLike<number> };

export interface Comparison {
  readonly pass: boolean;
  readonly count: number;
  readonly failures: number;
  /** The largest |a − b| and where; -1 where nothing differs. */
  readonly absolute: number;
  readonly absoluteAt: number;
  /** The largest |a − b| / |b| over b ≠ 0, and where. */
  readonly relative: number;
  readonly relativeAt: number;
  /** The largest number of float32 values from the one to the other, and where. */
  readonly ulp: number;
  readonly ulpAt: number;
  /** The largest |a − b| in units of 2⁻²³·Σ|terms|; 0 for exact comparisons. */
  readonly units: number;
  /** What `units` is held against. */
  readonly factor: number;
}

const two = new Float32Array(2);
const bits = new Int32Array(two.buffer);
/** The bits of a float32 as an integer that grows with it. */
const rank = (word: number) => (word < 0 ? -(word & 0x7fffffff) : word);

/** How many float32 values lie from a to b: 0 for equal ones, 1 for neighbours. */
export function ulpsBetween(a: number, b: number): number {
  two[0] = a;
  two[1] = b;
  return Math.abs(rank(bits[0] as number) - rank(bits[1] as number));
}

/** How much of its tolerance an element's error takes: 1 is all of it. */
export function shareOf(error: number, index: number, tolerance: Tolerance): number {
  if (error === 0) return 0;
  if (tolerance.kind === "exact" || Number.isNaN(error)) return Number.POSITIVE_INFINITY;
  return error / (tolerance.factor * EPSILON * (tolerance.terms[index] as number));
}

/** How `actual` differs from `expected`; NaN agrees with NaN only. */
export function compare(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: Tolerance,
): Comparison {
  const count = expected.length;
  let failures = actual.length === count ? 0 : Math.abs(actual.length - count);
  let [absolute, absoluteAt, relative, relativeAt, units] = [0, -1, 0, -1, 0];
  let [ulp, ulpAt] = [0, -1];
  for (let i = 0; i < Math.min(actual.length, count); ++i) {
    const a = actual[i] as number;
    const b = expected[i] as number;
    if (Object.is(a, b) || a === b) continue;
    const difference = Math.abs(a - b);
    if (!Number.isFinite(difference)) {
      ++failures;
      [absolute, absoluteAt] = [Number.POSITIVE_INFINITY, absoluteAt < 0 ? i : absoluteAt];
      [ulp, ulpAt] = [Number.POSITIVE_INFINITY, ulpAt < 0 ? i : ulpAt];
      continue;
    }
    if (difference > absolute) [absolute, absoluteAt] = [difference, i];
    if (b !== 0 && difference / Math.abs(b) > relative) {
      [relative, relativeAt] = [difference / Math.abs(b), i];
    }
    const ulps = ulpsBetween(a, b);
    if (ulps > ulp) [ulp, ulpAt] = [ulps, i];
    if (tolerance.kind === "exact") {
      ++failures;
      continue;
    }
    const unit = EPSILON * (tolerance.terms[i] as number);
    units = Math.max(units, difference / unit);
    if (!(difference <= tolerance.factor * unit)) ++failures;
  }
  const factor = tolerance.kind === "exact" ? 0 : tolerance.factor;
  return {
    pass: failures === 0,
    count,
    failures,
    absolute,
    absoluteAt,
    relative,
    relativeAt,
    ulp,
    ulpAt,
    units,
    factor,
  };
}

/** A plane of the largest shares of the tolerance at each of its positions. */
export interface HeatMap {
  readonly height: number;
  readonly width: number;
  readonly data: Float32Array;
}

/**
 * Where a tensor errs: for [.., .., H, W] each position's largest share over all planes; a vector is one
 * row.
 */
export function heatMapOf(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  shape: readonly number[],
  tolerance: Tolerance,
): HeatMap {
  const [height, width] =
    shape.length === 4 ? [shape[2] as number, shape[3] as number] : [1, expected.length];
  const data = new Float32Array(height * width);
  for (let i = 0; i < expected.length; ++i) {
    const [a, b] = [actual[i] as number, expected[i] as number];
    if (Object.is(a, b) || a === b) continue;
    const at = i % data.length;
    data[at] = Math.max(data[at] as number, shareOf(Math.abs(a - b), i, tolerance));
  }
  return { height, width, data };
}

/** The position of an element, outermost first. */
export function unravel(index: number, shape: readonly number[]): number[] {
  const position = new Array<number>(shape.length);
  let rest = index;
  for (let d = shape.length - 1; d >= 0; --d) {
    const extent = shape[d] as number;
    position[d] = rest % extent;
    rest = Math.floor(rest / extent);
  }
  return position;
}

export const absolutes = (data: Float32Array) => data.map(Math.abs);
export const nowhereNegative = (data: Float32Array) => data.every((value) => value >= 0);
