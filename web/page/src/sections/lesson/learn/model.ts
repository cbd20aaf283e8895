// Section 6: from a picture and its filtered version, gradient descent on dw alone recovers the kernel.
import type { ConvGrad, PlainTensor } from "convgrad";

export const KERNELS = {
  edge: [0, -1, 0, 0, 2, 0, 0, -1, 0],
  sobel: [-1, 0, 1, -2, 0, 2, -1, 0, 1],
  blur: [1, 1, 1, 1, 1, 1, 1, 1, 1].map((one) => one / 9),
} as const;

export type KernelName = keyof typeof KERNELS;

export interface State {
  /** [side, side] */
  readonly pixels: Float32Array;
  readonly side: number;
  readonly kernel: KernelName;
  /** The weights so far. */
  readonly w: readonly number[];
  readonly rate: number;
  readonly steps: number;
}

export interface Computed {
  readonly w: readonly number[];
  readonly dw: readonly number[];
  /** After every step; last the one of `w`. */
  readonly losses: readonly number[];
  /** The picture filtered by the kernel that is looked for, and by the weights so far. */
  readonly target: Float32Array;
  readonly output: Float32Array;
  readonly outputSide: number;
  readonly diverged: boolean;
}

/** A loss as large as this does not come back. */
const TOO_LARGE = 1e9;

export const START: readonly number[] = KERNELS.edge.map(() => 0);

/** From 1/16 to 16, in powers of the square root of 2. */
export const RATES = { min: -8, max: 8, start: 2 };
export const rateOf = (position: number) => 2 ** (position / 2);

export function compute(cg: ConvGrad, state: State): Computed {
  const { pixels, side, kernel, rate, steps } = state;
  // Around 0, so that no direction of the weights is much steeper than the others.
  const mean = pixels.reduce((sum, pixel) => sum + pixel, 0) / pixels.length;
  const x = { shape: [1, 1, side, side], data: pixels.map((pixel) => pixel - mean) };
  const weights = (values: readonly number[]) => ({
    shape: [1, 1, 3, 3],
    data: Float32Array.from(values),
  });
  const target = cg.conv2d(x, weights(KERNELS[kernel]));
  const w = weights(state.w);
  const losses: number[] = [];
  const look = () => {
    const output = cg.conv2d(x, w);
    const error = output.data.map((z, i) => z - (target.data[i] as number));
    const m = error.length;
    const loss = error.reduce((sum, e) => sum + e * e, 0) / (2 * m);
    const delta = { shape: output.shape, data: error.map((e) => e / m) };
    const { dw } = cg.conv2dBackward(delta, x, w, { need: { dx: false, db: false } });
    losses.push(loss);
    return { output: output.data, dw: (dw as PlainTensor).data, diverged: !(loss < TOO_LARGE) };
  };
  let seen = look();
  for (let step = 0; step < steps && !seen.diverged; ++step) {
    const { dw } = seen;
    w.data = w.data.map((value, i) => value - rate * (dw[i] as number));
    seen = look();
  }
  return {
    w: [...w.data],
    dw: [...seen.dw],
    losses: losses.slice(steps === 0 ? 0 : 1),
    target: target.data,
    output: seen.output,
    outputSide: side - 2,
    diverged: seen.diverged,
  };
}
