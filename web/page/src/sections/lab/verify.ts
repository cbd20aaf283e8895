// Every path's results against the double-precision reference, tensor by tensor.
import type { ConvGrad, PlainTensor } from "convgrad";
import {
  absolutes,
  type Comparison,
  compare,
  type HeatMap,
  heatMapOf,
  nowhereNegative,
  POSITIVE_FACTOR,
  SIGNED_FACTOR,
  type Tolerance,
} from "./agreement.ts";
import { type AnyTensor, makeRunner, type ResultName, type Results } from "./runners.ts";
import { type Line, type Pass, type Path, tileOf } from "./settings.ts";
import type { Workload } from "./workload.ts";

/** One tensor of one line, held against the reference. */
export interface Agreement extends Comparison {
  readonly line: Line;
  readonly tensor: ResultName;
  readonly shape: readonly number[];
  readonly heat: HeatMap;
}

/** The chapter's question: do method 1 and method 2 give the same? */
export interface ChapterCheck {
  readonly word: "forward" | "backward" | "dW" | "dB";
  readonly pass: boolean;
}

/** The reference's results, and how far from them another path may be. */
export interface Yardstick {
  readonly expected: Results;
  readonly tolerances: Partial<Record<ResultName, Tolerance>>;
}

/** Runs the reference once on the data, and once on their absolute values for the tolerances. */
export function makeYardstick(cg: ConvGrad, work: Workload, passes: readonly Pass[]): Yardstick {
  const expected = runOnce(cg, work, passes);
  const terms =
    work.settings.operation === "maxPool2d"
      ? maxPoolTerms(cg, work, passes)
      : runOnce(cg, absoluteWorkload(work), passes);
  const tolerances: Partial<Record<ResultName, Tolerance>> = {};
  for (const name of Object.keys(expected) as ResultName[]) {
    const bound = terms[name];
    tolerances[name] = bound
      ? { kind: "terms", factor: factorOf(work, name), terms: bound.data }
      : { kind: "exact" };
  }
  return { expected, tolerances };
}

/**
 * By the side of a tile: the transforms' rounding is up to half of this, with a single channel, or of
 * 4×4 with the sixteen that it takes at least.
 */
const TILE_FACTORS: Readonly<Record<number, number>> = { 2: 8, 4: 32 };

/**
 * The yardstick for one path. By Winograd's algorithms the elements of a tile of y or dx come from shared
 * sums, so the largest Σ|terms| of the tile counts for all.
 */
export function yardstickFor(path: Path, yardstick: Yardstick): Yardstick {
  const tile = tileOf(path);
  if (tile === undefined) return yardstick;
  const { expected, tolerances } = yardstick;
  const wider = (["y", "dx"] as const).flatMap((name) => {
    const [tolerance, shape] = [tolerances[name], expected[name]?.shape];
    if (tolerance?.kind !== "terms" || !shape) return [];
    const factor = TILE_FACTORS[tile] ?? tolerance.factor;
    return [[name, { ...tolerance, factor, terms: largestOfTiles(tolerance.terms, shape, tile) }]];
  });
  return { expected, tolerances: { ...tolerances, ...Object.fromEntries(wider) } };
}

/** In planes of the last two extents: every element as the largest of its tile. */
function largestOfTiles(
  terms: ArrayLike<number>,
  shape: readonly number[],
  tile: number,
): Float64Array {
  const [height, width] = shape.slice(-2) as [number, number];
  const corner = (at: number) => {
    const [row, column] = [Math.floor(at / width), at % width];
    return (row - ((row % height) % tile)) * width + column - (column % tile);
  };
  const largest = new Float64Array(terms.length);
  for (let at = 0; at < terms.length; ++at) {
    const first = corner(at);
    largest[first] = Math.max(largest[first] as number, terms[at] as number);
  }
  return largest.map((_, at) => largest[corner(at)] as number);
}

/** How one line's results stand. */
export function judge(line: Line, results: Results, yardstick: Yardstick): Agreement[] {
  return (Object.keys(yardstick.expected) as ResultName[]).map((tensor) => {
    const expected = yardstick.expected[tensor] as AnyTensor;
    const actual = results[tensor];
    const tolerance = yardstick.tolerances[tensor] ?? { kind: "exact" };
    const data = actual?.data ?? [];
    const comparison = compare(data, expected.data, tolerance);
    const heat = heatMapOf(data, expected.data, expected.shape, tolerance);
    return { line, tensor, shape: expected.shape, ...comparison, heat };
  });
}

const CHAPTER_WORDS: readonly (readonly [ResultName, ChapterCheck["word"]])[] = [
  ["y", "forward"],
  ["dx", "backward"],
  ["dw", "dW"],
  ["db", "dB"],
];

/**
 * The checks that the chapter prints, method 1 against method 2. Each of the two may err by the
 * tolerance, so their difference by twice as much.
 */
export function chapterChecks(
  direct: Results,
  im2col: Results,
  { tolerances }: Yardstick,
): ChapterCheck[] {
  return CHAPTER_WORDS.flatMap(([tensor, word]) => {
    const [a, b] = [direct[tensor], im2col[tensor]];
    if (!a || !b) return [];
    const tolerance = tolerances[tensor] ?? { kind: "exact" };
    const doubled =
      tolerance.kind === "terms" ? { ...tolerance, factor: 2 * tolerance.factor } : tolerance;
    return [{ word, pass: compare(a.data, b.data, doubled).pass }];
  });
}

function runOnce(cg: ConvGrad, work: Workload, passes: readonly Pass[]): Results {
  const runner = makeRunner("reference", cg, work);
  try {
    runner.forward();
    if (passes.includes("backward")) runner.backward();
    return runner.results(passes);
  } finally {
    runner.dispose();
  }
}

function absoluteWorkload({ settings, x, w, b, dy }: Workload): Workload {
  const abs = ({ shape, data }: PlainTensor): PlainTensor => ({ shape, data: absolutes(data) });
  return {
    settings,
    x: abs(x),
    ...(w ? { w: abs(w) } : {}),
    ...(b ? { b: abs(b) } : {}),
    dy: abs(dy),
  };
}

/** A maximum is one of its terms, so y and indices are exact; dx adds up |dy| at the same places. */
function maxPoolTerms(cg: ConvGrad, work: Workload, passes: readonly Pass[]): Results {
  if (!passes.includes("backward")) return {};
  const { dx } = runOnce(cg, { ...work, dy: absoluteWorkload(work).dy }, ["backward"]);
  return dx ? { dx } : {};
}

/** Sums whose terms cannot cancel grow a larger error: see the two factors. */
function factorOf({ x, w, b, dy }: Workload, tensor: ResultName): number {
  const operands = {
    y: [x, w, b],
    indices: [],
    dx: [dy, w],
    dw: [dy, x],
    db: [dy],
  }[tensor];
  const positive = operands.every((operand) => !operand || nowhereNegative(operand.data));
  return positive ? POSITIVE_FACTOR : SIGNED_FACTOR;
}
