// Checks of gradients that need no second implementation: the adjoint identity, and differences.
import type { ConvGrad, PlainTensor } from "convgrad";
import { uniform } from "../../random.ts";
import { EPSILON, type Tolerance } from "./agreement.ts";
import { elements, operationsOf } from "./geometry.ts";
import { makeRunner, type Results } from "./runners.ts";
import type { Line } from "./settings.ts";
import type { Yardstick } from "./verify.ts";
import type { Workload } from "./workload.ts";

/**
 * ⟨y − b, dy⟩ = ⟨x, dx⟩ = ⟨w, dw⟩: forward and backward are each other's transpose. Both sides are sums
 * in double precision of what a line computed.
 */
export interface AdjointCheck {
  readonly line: Line;
  readonly gradient: "dx" | "dw";
  readonly forward: number;
  readonly backward: number;
  /** How far the two may be apart, from the tolerances of all elements. */
  readonly tolerance: number;
  readonly pass: boolean;
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  let sum = 0;
  for (let i = 0; i < a.length; ++i) sum += (a[i] as number) * (b[i] as number);
  return sum;
};

/** Rounding errors go either way, so a sum of n errs like √n of them; so many times that is allowed. */
const DEVIATIONS = 8;

/** The square of what Σ weight·error may come to, each error up to its tolerance. */
function slack(weights: ArrayLike<number>, tolerance: Tolerance | undefined): number {
  if (tolerance?.kind !== "terms") return 0;
  let sum = 0;
  for (let i = 0; i < weights.length; ++i) {
    sum += ((weights[i] as number) * (tolerance.terms[i] as number)) ** 2;
  }
  return sum * (DEVIATIONS * tolerance.factor * EPSILON) ** 2;
}

/** None where a run has not gone both ways. */
export function adjointChecks(
  line: Line,
  work: Workload,
  results: Results,
  { tolerances }: Yardstick,
): AdjointCheck[] {
  const { y, dx, dw } = results;
  if (!y || !dx) return [];
  const { n, reduction, k } = work.settings;
  let forward = dot(y.data, work.dy.data);
  const loose = slack(work.dy.data, tolerances.y);
  if (work.b) {
    const plane = y.data.length / n / k;
    const bias = work.b.data;
    const biases = work.dy.data.map((_, i) => bias[Math.floor(i / plane) % k] as number);
    forward -= dot(biases, work.dy.data);
  }
  const check = (
    gradient: "dx" | "dw",
    operand: PlainTensor,
    found: PlainTensor,
    scale: number,
  ) => {
    const backward = scale * dot(operand.data, found.data);
    const tight = scale ** 2 * slack(operand.data, tolerances[gradient]);
    const tolerance = Math.sqrt(loose + tight) + Number.EPSILON;
    const pass = Math.abs(forward - backward) <= tolerance;
    return { line, gradient, forward, backward, tolerance, pass };
  };
  const found = [check("dx", work.x, dx as PlainTensor, 1)];
  if (dw && work.w) {
    found.push(check("dw", work.w, dw as PlainTensor, reduction === "mean" ? n : 1));
  }
  return found;
}

/** A gradient's element as a difference: (J(v + ε) − J(v − ε)) / 2ε with J = Σ y·dy. */
export interface NumericalCheck {
  readonly tensor: "dx" | "dw" | "db";
  readonly index: number;
  readonly shape: readonly number[];
  readonly numerical: number;
  /** What each line's backward pass gave there. */
  readonly found: readonly {
    readonly line: Line;
    readonly value: number;
    readonly pass: boolean;
  }[];
}

/** Elements of each tensor that are looked at. */
const PICKED = 4;
/** Operations of a forward call beyond which the differences would take too long. */
export const MOST_FOR_DIFFERENCES = 100e6;
/** Convolution and mean are linear in each operand, so a large step errs least; a maximum is not. */
const STEP = { conv2d: 0.5, avgPool2d: 0.5, maxPool2d: 2 ** -10 };

/** Differences of the reference's forward pass, held against every line's gradients. */
export function numericalChecks(
  cg: ConvGrad,
  work: Workload,
  all: ReadonlyMap<Line, Results>,
  yardstickOf: (line: Line) => Yardstick,
): NumericalCheck[] {
  const { settings } = work;
  if (operationsOf(settings, "forward") > MOST_FOR_DIFFERENCES) return [];
  const step = STEP[settings.operation];
  const pools = settings.operation === "maxPool2d";
  const next = uniform(settings.seed + 5);
  const operands = [
    ["dx", work.x],
    ["dw", work.w],
    ["db", work.b],
  ] as const;
  const lossAt = (operand: PlainTensor, data: Float32Array): readonly number[] => {
    const moved = { shape: operand.shape, data };
    const changed = {
      ...work,
      x: operand === work.x ? moved : work.x,
      ...(work.w ? { w: operand === work.w ? moved : work.w } : {}),
      ...(work.b ? { b: operand === work.b ? moved : work.b } : {}),
    };
    const runner = makeRunner("reference", cg, changed);
    try {
      runner.forward();
      return Array.from(runner.results(["forward"]).y?.data ?? []);
    } finally {
      runner.dispose();
    }
  };
  const yardsticks = new Map([...all.keys()].map((line) => [line, yardstickOf(line)]));
  const middle = pools ? lossAt(work.x, work.x.data) : [];
  return operands.flatMap(([tensor, operand]) => {
    if (!operand) return [];
    const share = tensor !== "dx" && settings.reduction === "mean" ? 1 / settings.n : 1;
    const count = elements(operand.shape);
    const picked = Math.min(PICKED, count);
    const slots = Array.from({ length: picked }, (_, i) => i);
    return slots.flatMap((i) => {
      // One of each quarter, so that none comes twice.
      const index = Math.floor(((i + next()) * count) / picked);
      const [up, down] = [operand.data.slice(), operand.data.slice()];
      up[index] = (up[index] as number) + step;
      down[index] = (down[index] as number) - step;
      const width = (up[index] as number) - (down[index] as number);
      const [above, below] = [lossAt(operand, up), lossAt(operand, down)];
      if (pools && hasKink(above, middle, below)) return [];
      let [change, size] = [0, 0];
      for (let i = 0; i < above.length; ++i) {
        const delta = work.dy.data[i] as number;
        if (above[i] === below[i]) continue;
        change += ((above[i] as number) - (below[i] as number)) * delta;
        size += (Math.abs(above[i] as number) + Math.abs(below[i] as number)) * Math.abs(delta);
      }
      const numerical = (share * change) / width;
      // Each y is rounded to float32 once: half a unit of its last place, over the step.
      const rounding = share * ((size * EPSILON) / width) + 1e-4 * Math.abs(numerical);
      const found = [...all].flatMap(([line, results]) => {
        const value = results[tensor]?.data[index];
        if (value === undefined) return [];
        const own = toleranceAt(yardsticks.get(line)?.tolerances[tensor], index);
        return [{ line, value, pass: Math.abs(value - numerical) <= rounding + own }];
      });
      return [{ tensor, index, shape: operand.shape, numerical, found }];
    });
  });
}

const toleranceAt = (tolerance: Tolerance | undefined, index: number) =>
  tolerance?.kind === "terms" ? tolerance.factor * EPSILON * (tolerance.terms[index] as number) : 0;

/** Whether a step up changes any maximum otherwise than a step down: at a tie there is no derivative. */
const hasKink = (above: readonly number[], middle: readonly number[], below: readonly number[]) =>
  middle.some((at, i) => {
    const [up, down] = [(above[i] as number) - at, at - (below[i] as number)];
    return Math.abs(up - down) > 0.01 * (Math.abs(up) + Math.abs(down));
  });
