// Section 6: from a picture and its filtered version, gradient descent on dw alone recovers the kernel.
import type { ConvGrad, PlainTensor } from "convgrad";
import { type Check, compare, numericalGradient } from "../check.ts";
import {
  type Codec,
  changedOf,
  LARGEST_NUMBER,
  own,
  readChoices,
  readInteger,
  readNumbers,
  writeNumbers,
} from "../link.ts";

export const KERNELS = {
  edge: [0, -1, 0, 0, 2, 0, 0, -1, 0],
  sobel: [-1, 0, 1, -2, 0, 2, -1, 0, 1],
  blur: [1, 1, 1, 1, 1, 1, 1, 1, 1].map((one) => one / 9),
} as const;

export type KernelName = keyof typeof KERNELS;

/** What is set; the picture and how far the training is come besides. */
export interface State {
  /** The kernel to find, 3×3. */
  readonly kernel: readonly number[];
  /** The weights to start from. */
  readonly w: readonly number[];
  readonly rate: number;
  /** What is done wrong on purpose: δ not divided by m, or dW added to that of the steps before. */
  readonly broken: "no" | "mean" | "add";
}

/** From 1/16 to 32, in powers of the square root of 2. */
export const RATES = { min: -8, max: 10 };
export const rateOf = (position: number) => 2 ** (position / 2);
/** Where a slider for the rate stands: rates that were typed are between its places. */
export const positionOf = (rate: number) =>
  Math.max(RATES.min, Math.min(RATES.max, Math.round(2 * Math.log2(rate))));

export const INITIAL: State = {
  kernel: KERNELS.edge,
  w: KERNELS.edge.map(() => 0),
  rate: rateOf(4),
  broken: "no",
};

/** A state in a link; of the rate its place on the slider. */
export const codec: Codec<State> = {
  write: ({ kernel, w, rate, broken }) =>
    changedOf([
      ["kernel", writeNumbers(kernel), writeNumbers(INITIAL.kernel)],
      ["w", writeNumbers(w), writeNumbers(INITIAL.w)],
      ["rate", String(positionOf(rate)), String(positionOf(INITIAL.rate))],
      ["broken", broken, INITIAL.broken],
    ]),
  read: (parameters) => ({
    ...readChoices(parameters, INITIAL, { broken: ["no", "mean", "add"] }),
    kernel: readNumbers(own(parameters, "kernel"), INITIAL.kernel),
    w: readNumbers(own(parameters, "w"), INITIAL.w),
    rate: rateOf(readInteger(own(parameters, "rate"), RATES, positionOf(INITIAL.rate))),
  }),
};

/** The weights after a step, and their loss. */
export interface Step {
  readonly w: readonly number[];
  readonly loss: number;
  /** dW of all steps before, where it is added up; undefined: 0. */
  readonly before?: readonly number[] | undefined;
}

export interface Task extends State {
  /** The picture, [side, side], around 0. */
  readonly x: Float32Array;
  readonly side: number;
  readonly steps: number;
  /** As of a step. */
  readonly before?: readonly number[] | undefined;
}

export interface Computed {
  /** The weights that were given, and those after every step. */
  readonly path: readonly Step[];
  /** The picture filtered by the kernel that is looked for and by the last weights, and what goes back. */
  readonly target: Float32Array;
  readonly output: Float32Array;
  readonly delta: Float32Array;
  readonly dw: readonly number[];
  readonly check: Check;
  /** The weights that a further step would make. */
  readonly next: readonly number[];
  readonly diverged: boolean;
}

/** A loss as large as this does not come back; nor would its numbers be editable any more. */
const TOO_LARGE = LARGEST_NUMBER * 1e3;

export function compute(cg: ConvGrad, task: Task): Computed {
  const { side, kernel, rate, steps, broken } = task;
  const x = { shape: [1, 1, side, side], data: task.x };
  const weights = (values: readonly number[]) => ({
    shape: [1, 1, 3, 3],
    data: Float32Array.from(values),
  });
  const target = cg.conv2d(x, weights(kernel));
  const m = target.data.length;
  const forward = (w: PlainTensor) => {
    const output = cg.conv2d(x, w);
    const error = output.data.map((z, i) => z - (target.data[i] as number));
    return { output, error, loss: error.reduce((sum, e) => sum + e * e, 0) / (2 * m) };
  };
  const path: Step[] = [];
  const look = (w: readonly number[], before: Step["before"]) => {
    const tensor = weights(w);
    const { output, error, loss } = forward(tensor);
    const divisor = broken === "mean" ? 1 : m;
    const delta = { shape: output.shape, data: error.map((e) => e / divisor) };
    const { dw } = cg.conv2dBackward(delta, x, tensor, { need: { dx: false, db: false } });
    const carried = broken === "add" ? before : undefined;
    const slope = Array.from((dw as PlainTensor).data, (d, i) => d + (carried?.[i] ?? 0));
    const next = w.map((value, i) => value - rate * (slope[i] as number));
    path.push({ w, loss, before: carried });
    const diverged = !(loss < TOO_LARGE);
    return { output: output.data, delta: delta.data, dw: slope, next, diverged, loss, tensor };
  };
  let seen = look(task.w, task.before);
  for (let step = 0; step < steps && !seen.diverged; ++step) seen = look(seen.next, seen.dw);
  const { loss, tensor, ...shown } = seen;
  // J is a square, of which differences are exact however far apart; but of a large J they round.
  const numerical = numericalGradient(tensor.data, () => forward(tensor).loss);
  const check = compare(seen.dw, numerical, 1e-3 * Math.max(1, loss));
  return { path, target: target.data, check, ...shown };
}
