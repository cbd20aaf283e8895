// Extents, work and memory that follow from the settings.
import { linesOf, type Pass, type Settings } from "./settings.ts";

export interface Axis {
  readonly extent: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
}

export function axisOf(settings: Settings, axis: 0 | 1): Axis {
  return {
    extent: axis === 0 ? settings.h : settings.w,
    kernel: settings.kernel[axis],
    stride: settings.stride[axis],
    padding: settings.padding[axis],
    dilation: settings.dilation[axis],
  };
}

/** What a window spans, dilation included. */
export const span = ({ kernel, dilation }: Axis) => dilation * (kernel - 1) + 1;

/** Positions of the window along an axis; 0 or less where it does not fit. */
export function positions(axis: Axis, ceilMode: boolean): number {
  const steps = (axis.extent + 2 * axis.padding - span(axis)) / axis.stride;
  if (steps < 0) return 0;
  const count = (ceilMode ? Math.ceil(steps) : Math.floor(steps)) + 1;
  const startsOutside = (count - 1) * axis.stride >= axis.extent + axis.padding;
  return ceilMode && startsOutside ? count - 1 : count;
}

export interface Geometry {
  readonly x: readonly number[];
  /** Absent for pooling. */
  readonly w?: readonly number[];
  readonly y: readonly number[];
  /** The column matrix that img2col makes, [N·OH·OW, C·R·S]. */
  readonly col: readonly [number, number];
}

export function geometryOf(settings: Settings): Geometry {
  const { operation, n, c, h, w, k, kernel, groups } = settings;
  const pools = operation !== "conv2d";
  const oh = positions(axisOf(settings, 0), pools && settings.ceilMode);
  const ow = positions(axisOf(settings, 1), pools && settings.ceilMode);
  const col = [n * oh * ow, c * kernel[0] * kernel[1]] as const;
  const x = [n, c, h, w];
  if (pools) return { x, y: [n, c, oh, ow], col };
  return { x, w: [k, c / groups, ...kernel], y: [n, k, oh, ow], col };
}

export const elements = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/**
 * Arithmetic operations of one call. Convolution: a product and a sum for each tap, backward for dx and
 * for dw. Pooling: one operation for each tap; backward of the maximum, one for each output.
 */
export function operationsOf(settings: Settings, pass: Pass): number {
  const { y, w } = geometryOf(settings);
  if (w) return 2 * elements(y) * elements(w.slice(1)) * (pass === "backward" ? 2 : 1);
  const taps = settings.kernel[0] * settings.kernel[1];
  const scatters = settings.operation === "maxPool2d" && pass === "backward";
  return elements(y) * (scatters ? 1 : taps);
}

/** Bytes of the tensors that a run keeps, all lines together. */
export function memoryOf(settings: Settings): number {
  const { x, w, y } = geometryOf(settings);
  const gradients = elements(x) + (w ? elements(w) : elements(y));
  // Inputs, results of each line in both memories, and the reference with its sums of absolute terms.
  const results = elements(y) + gradients;
  return 4 * (elements(x) + elements(y) + 2 * results * (linesOf(settings).length + 2));
}
