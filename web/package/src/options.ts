// Options as a caller may write them, and what they come to.
import { algorithmNumbers, type Conv2dCall, conv2dAlgorithmNumbers } from "./engine.js";
import { describe, refuse } from "./errors.js";
import { MAX_INT32, readInteger, samePadding, windowPositions } from "./shapes.js";

/** One number for both directions, or [height, width]. */
export type Pair = number | readonly [number, number];

/**
 * One number for all sides, [height, width], or [top, left, bottom, right]. `"valid"` is none;
 * `"same"` is as much as makes the output ceil(input / stride), the odd row below and the odd column
 * on the right (TensorFlow's SAME, ONNX's SAME_UPPER).
 */
export type Padding =
  | number
  | readonly [number, number]
  | readonly [number, number, number, number]
  | "same"
  | "valid";

/**
 * - `"auto"`: the fastest for the shape
 * - `"direct"`: the chapter's method 1, loops over the window
 * - `"im2col"`: the chapter's method 2, img2col / col2img and a matrix product
 * - `"reference"`: plain loops with double-precision sums, to check the others against
 */
export type Algorithm = "auto" | "direct" | "im2col" | "reference";

/**
 * Convolution has Winograd's minimal filtering besides, for 3×3 kernels with stride 1 and dilation 1;
 * it is refused with "bad-argument" elsewhere. y and dx are computed by it, dw and db as by `"direct"`.
 * - `"winograd"`: F(2×2, 3×3), 2.25 times fewer multiplications, as exact as `"direct"`
 * - `"winograd4"`: F(4×4, 3×3), 4 times fewer, but several times less exact; F(2×2, 3×3) where
 *   fewer than 16 channels are summed
 */
export type Conv2dAlgorithm = Algorithm | "winograd" | "winograd4";

/** How a window moves over its input. */
export interface WindowOptions {
  /** Steps of the window, at least 1. Default 1 for convolution, `kernel` for pooling. */
  readonly stride?: Pair | undefined;
  /** Default 0. In pooling smaller than the kernel. */
  readonly padding?: Padding | undefined;
  /** Distance of the window's taps, at least 1 (the default): 1 means no gaps. */
  readonly dilation?: Pair | undefined;
}

const none = Object.freeze({});

/** `options`, once it is an object with no names but the allowed ones. */
export function checkOptions<O extends object>(
  op: string,
  options: unknown,
  allowed: readonly string[],
  argument = "options",
): Partial<O> {
  if (options === undefined) return none;
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    refuse("bad-argument", op, argument, describe(options), "an object");
  }
  for (const name in options) {
    if (!allowed.includes(name)) {
      const known = allowed.map((option) => describe(option)).join(", ");
      refuse("bad-argument", op, `a name in ${argument}`, describe(name), `one of ${known}`);
    }
  }
  return options as Partial<O>;
}

export function readPair(
  op: string,
  argument: string,
  value: unknown,
  fallback: readonly [number, number] | undefined,
): readonly [number, number] {
  if (value === undefined && fallback !== undefined) return fallback;
  if (typeof value === "number") {
    const both = readInteger(op, argument, value, 1);
    return [both, both];
  }
  if (!Array.isArray(value) || value.length !== 2) {
    refuse("bad-argument", op, argument, describe(value), "a number or [height, width]");
  }
  return [
    readInteger(op, `${argument}[0]`, value[0], 1),
    readInteger(op, `${argument}[1]`, value[1], 1),
  ];
}

export function readFlag(op: string, argument: string, value: unknown, fallback: boolean): boolean {
  if (value === undefined) return fallback;
  if (typeof value !== "boolean") {
    refuse("bad-argument", op, argument, describe(value), "true or false");
  }
  return value;
}

/** The number by which the module knows the algorithm. */
export function readAlgorithm(op: string, value: unknown): number {
  return readName(op, value, algorithmNumbers);
}

/** As readAlgorithm, for a convolution: some algorithms apply to some shapes only. */
export function readConv2dAlgorithm(op: string, value: unknown, shape: Conv2dCall): number {
  const algorithm = readName(op, value, conv2dAlgorithmNumbers);
  if (algorithm < conv2dAlgorithmNumbers.winograd || isWinogradShape(shape)) return algorithm;
  const { r, s, strideH, strideW, dilationH, dilationW } = shape;
  const was = `${describe(value)} for ${r}x${s} kernels, stride ${strideH}x${strideW}, dilation ${dilationH}x${dilationW}`;
  refuse("bad-argument", op, "algorithm", was, "3x3 kernels, stride 1 and dilation 1 with it");
}

function readName(op: string, value: unknown, numbers: Readonly<Record<string, number>>): number {
  const name = value === undefined ? "auto" : value;
  const number =
    typeof name === "string" && Object.hasOwn(numbers, name) ? numbers[name] : undefined;
  if (number === undefined) {
    const known = Object.keys(numbers).map(describe).join(", ");
    refuse("bad-argument", op, "algorithm", describe(value), `one of ${known}`);
  }
  return number;
}

/** A stride means nothing where there is a single position. */
function isWinogradShape(shape: Conv2dCall): boolean {
  const { r, s, oh, ow, strideH, strideW, dilationH, dilationW } = shape;
  const steps = (strideH === 1 || oh === 1) && (strideW === 1 || ow === 1);
  return r === 3 && s === 3 && dilationH === 1 && dilationW === 1 && steps;
}

/** Whether gradients over the batch are averaged. */
export function readReduction(op: string, value: unknown): boolean {
  if (value === undefined || value === "sum") return false;
  if (value === "mean") return true;
  refuse("bad-argument", op, "reduction", describe(value), '"sum" or "mean"');
}

/** A window over an input plane, in the module's names. */
export interface Window {
  readonly oh: number;
  readonly ow: number;
  readonly strideH: number;
  readonly strideW: number;
  readonly padTop: number;
  readonly padLeft: number;
  readonly padBottom: number;
  readonly padRight: number;
  readonly dilationH: number;
  readonly dilationW: number;
}

/** Extents of an input plane and of the kernel that slides over it. */
export interface Extents {
  readonly h: number;
  readonly w: number;
  readonly kernelH: number;
  readonly kernelW: number;
}

const ONE: readonly [number, number] = [1, 1];

/** Stride, padding and dilation, and the output extents that follow from them. */
export function readWindow(
  op: string,
  options: WindowOptions,
  extents: Extents,
  defaultStride: readonly [number, number] = ONE,
  ceilMode = false,
): Window {
  const { h, w, kernelH, kernelW } = extents;
  const [strideH, strideW] = readPair(op, "stride", options.stride, defaultStride);
  const [dilationH, dilationW] = readPair(op, "dilation", options.dilation, ONE);
  let sides: readonly [number, number, number, number];
  const { padding } = options;
  if (padding === "same") {
    const [top, bottom] = samePadding(h, kernelH, strideH, dilationH);
    const [left, right] = samePadding(w, kernelW, strideW, dilationW);
    sides = [top, left, bottom, right];
    // Enormous dilations only: the sum must still fit the module's integers.
    if (Math.max(bottom, right) > MAX_INT32) {
      refuse("too-large", op, '"same" padding', describe(sides), `at most ${MAX_INT32} on a side`);
    }
  } else {
    sides = readPadding(op, padding);
  }
  const [padTop, padLeft, padBottom, padRight] = sides;
  const vertical = { extent: h, kernel: kernelH, stride: strideH, dilation: dilationH } as const;
  const horizontal = { extent: w, kernel: kernelW, stride: strideW, dilation: dilationW } as const;
  return {
    oh: windowPositions(
      op,
      { name: "height", ...vertical, before: padTop, after: padBottom },
      ceilMode,
    ),
    ow: windowPositions(
      op,
      { name: "width", ...horizontal, before: padLeft, after: padRight },
      ceilMode,
    ),
    strideH,
    strideW,
    padTop,
    padLeft,
    padBottom,
    padRight,
    dilationH,
    dilationW,
  };
}

/** [top, left, bottom, right] of every form but "same", which depends on the extents. */
function readPadding(op: string, value: unknown): readonly [number, number, number, number] {
  if (value === undefined || value === "valid") return [0, 0, 0, 0];
  if (typeof value === "number") {
    const all = readInteger(op, "padding", value, 0);
    return [all, all, all, all];
  }
  const length = Array.isArray(value) ? value.length : 0;
  if (!Array.isArray(value) || (length !== 2 && length !== 4)) {
    const forms = 'a number, [height, width], [top, left, bottom, right], "same" or "valid"';
    refuse("bad-argument", op, "padding", describe(value), forms);
  }
  const top = readInteger(op, "padding[0]", value[0], 0);
  const left = readInteger(op, "padding[1]", value[1], 0);
  if (length === 2) return [top, left, top, left];
  return [
    top,
    left,
    readInteger(op, "padding[2]", value[2], 0),
    readInteger(op, "padding[3]", value[3], 0),
  ];
}
