// Extents: reading them from what a caller gave, counting elements, and how many positions a window
// has. Everything is checked here before it is cast to the module's 32-bit integers.
import { describe, refuse } from "./errors.js";
import { ELEMENT_BYTES, MAX_TENSOR_BYTES } from "./memory.js";

/** The largest extent, stride, padding or dilation: an int32 in the module. */
export const MAX_INT32 = 2 ** 31 - 1;

/** More extents than anyone needs: a proxy may claim any number. */
const MAX_RANK = 1000;

function isExtent(value: unknown, least: number): value is number {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= MAX_INT32;
}

/** `value`, if it is an integer in [least, 2³¹ − 1]. */
export function readInteger(op: string, argument: string, value: unknown, least: number): number {
  if (isExtent(value, least)) return value + 0; // -0 becomes 0
  refuse("bad-argument", op, argument, describe(value), `an integer from ${least} to ${MAX_INT32}`);
}

function refuseExtent(op: string, shape: string, i: number, value: unknown, least: number): number {
  return readInteger(op, `${shape}[${i}]`, value, least);
}

/**
 * A copy of a shape of any rank, or of the given one. Extents may be 0 unless `leastRest` says
 * otherwise for all but the first.
 */
export function readShape(
  op: string,
  argument: string,
  value: unknown,
  rank?: number,
  leastFirst = 0,
  leastRest = 0,
): number[] {
  if (!Array.isArray(value)) {
    refuse("bad-argument", op, argument, describe(value), "an array of extents");
  }
  const { length } = value;
  if (length > MAX_RANK) {
    refuse("bad-argument", op, `${argument}.length`, describe(length), `at most ${MAX_RANK}`);
  }
  if (length !== (rank ?? length)) {
    const was = `${describe(value)} with ${length} extents`;
    refuse("shape-mismatch", op, argument, was, String(rank));
  }
  const shape: number[] = [];
  for (let i = 0; i < length; ++i) {
    const least = i === 0 ? leastFirst : leastRest;
    const extent: unknown = value[i];
    // The name is made for a refusal only.
    shape.push(isExtent(extent, least) ? extent + 0 : refuseExtent(op, argument, i, extent, least));
  }
  return shape;
}

/** Checks a tensor's own extents, which are known to be good but for their number and for zeros. */
export function checkExtents(
  op: string,
  name: string,
  shape: readonly number[],
  rank: number,
  leastFirst: number,
): void {
  let good = shape.length === rank;
  for (let i = 0; i < shape.length; ++i) {
    good &&= (shape[i] as number) >= (i === 0 ? leastFirst : 1);
  }
  if (!good) readShape(op, `${name}.shape`, shape, rank, leastFirst, 1);
}

/** The product of the extents, "too-large" where its bytes are. */
export function elementCount(op: string, argument: string, shape: readonly number[]): number {
  // Doubles lose digits beyond 2^53 but never wrap around, and the limit is far below.
  let count = 1;
  for (const extent of shape) {
    if (extent === 0) return 0;
    count *= extent;
  }
  if (count * ELEMENT_BYTES > MAX_TENSOR_BYTES) {
    const was = `${describe(shape)} of ${count * ELEMENT_BYTES} bytes`;
    refuse("too-large", op, argument, was, `at most ${MAX_TENSOR_BYTES} bytes`);
  }
  return count;
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  let same = a.length === b.length;
  for (let i = 0; i < a.length; ++i) same &&= a[i] === b[i];
  return same;
}

/** One axis of a sliding window. */
export interface Axis {
  readonly name: "height" | "width";
  readonly extent: number;
  readonly kernel: number;
  readonly stride: number;
  readonly before: number;
  readonly after: number;
  readonly dilation: number;
}

/**
 * Positions of the window along an axis:
 * floor((extent + before + after − dilation·(kernel − 1) − 1) / stride) + 1. With ceilMode rounded up,
 * except that the last window must start inside the input or the padding before it.
 */
export function windowPositions(op: string, axis: Axis, ceilMode: boolean): number {
  const span = axis.dilation * (axis.kernel - 1) + 1;
  const padded = axis.extent + axis.before + axis.after;
  if (span > padded) {
    refuse(
      "empty-output",
      op,
      `the window's ${axis.name}`,
      `${span} (dilation * (kernel - 1) + 1 with kernel ${axis.kernel}, dilation ${axis.dilation})`,
      `at most ${padded} (input ${axis.extent} + padding ${axis.before} + ${axis.after})`,
    );
  }
  const steps = (padded - span) / axis.stride;
  const count = (ceilMode ? Math.ceil(steps) : Math.floor(steps)) + 1;
  return ceilMode && (count - 1) * axis.stride >= axis.extent + axis.before ? count - 1 : count;
}

/**
 * [before, after] so that the window has ceil(extent / stride) positions, the odd one after: the rule
 * of TensorFlow's SAME and ONNX's SAME_UPPER.
 */
export function samePadding(
  extent: number,
  kernel: number,
  stride: number,
  dilation: number,
): [number, number] {
  const positions = Math.ceil(extent / stride);
  const span = dilation * (kernel - 1) + 1;
  const total = Math.max((positions - 1) * stride + span - extent, 0);
  const before = Math.floor(total / 2);
  return [before, total - before];
}
