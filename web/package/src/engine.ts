// The bindings' module as TypeScript sees it: cpp/bindings declares the same functions.
// Addresses are byte offsets into the module's memory, always unsigned, 0 for "none". Embind casts
// what it gets without a check, so nothing may arrive here that has not been validated.

/** x[n,c,h,w], w[k,c/groups,r,s], y[n,k,oh,ow]. */
export interface Conv2dCall {
  n: number;
  c: number;
  h: number;
  w: number;
  k: number;
  r: number;
  s: number;
  oh: number;
  ow: number;
  strideH: number;
  strideW: number;
  padTop: number;
  padLeft: number;
  padBottom: number;
  padRight: number;
  dilationH: number;
  dilationW: number;
  groups: number;
}

/** x[n,c,h,w], y and indices[n,c,oh,ow]. */
export interface Pool2dCall {
  n: number;
  c: number;
  h: number;
  w: number;
  oh: number;
  ow: number;
  kernelH: number;
  kernelW: number;
  strideH: number;
  strideW: number;
  padTop: number;
  padLeft: number;
  padBottom: number;
  padRight: number;
  dilationH: number;
  dilationW: number;
  ceilMode: boolean;
  countIncludePad: boolean;
}

/** The block of parameters for a convolution, in the order of cpp/bindings/parameters.cpp. */
export function conv2dParameters(call: Conv2dCall): readonly number[] {
  return [
    call.n,
    call.c,
    call.h,
    call.w,
    call.k,
    call.r,
    call.s,
    call.strideH,
    call.strideW,
    call.padTop,
    call.padLeft,
    call.padBottom,
    call.padRight,
    call.dilationH,
    call.dilationW,
    call.groups,
    call.oh,
    call.ow,
  ];
}

/** The block of parameters for pooling; again in that order. */
export function pool2dParameters(call: Pool2dCall): readonly number[] {
  return [
    call.n,
    call.c,
    call.h,
    call.w,
    call.kernelH,
    call.kernelW,
    call.strideH,
    call.strideW,
    call.padTop,
    call.padLeft,
    call.padBottom,
    call.padRight,
    call.dilationH,
    call.dilationW,
    call.ceilMode ? 1 : 0,
    call.countIncludePad ? 1 : 0,
    call.oh,
    call.ow,
  ];
}

/** What a kernel's function answers; the numbers are those of cpp/bindings/call.h. */
export const Status = {
  ok: 0,
  shapeMismatch: 1,
  badArgument: 2,
  emptyOutput: 3,
  tooLarge: 4,
  workspaceTooSmall: 5,
  outOfMemory: 100,
} as const;

/** The numbers of the algorithms; again those of cpp/bindings/call.h. */
export const algorithmNumbers = { auto: 0, direct: 1, im2col: 2, reference: 3 } as const;
/** Convolution's: the same, and more. */
export const conv2dAlgorithmNumbers = { ...algorithmNumbers, winograd: 4, winograd4: 5 } as const;

/**
 * A part of a call's work: `pad` copies the input with its padding, `lower` is img2col, `pack` puts
 * operands in the order in which the kernel reads them, `multiply` multiplies and adds, `reduce` takes
 * pooling's columns to its results or gradients to such columns, `scatter` is col2img, `transform`
 * leads into and out of the domain of a fast algorithm, `other` is the rest.
 */
export type PhaseName =
  | "pad"
  | "lower"
  | "pack"
  | "multiply"
  | "reduce"
  | "scatter"
  | "transform"
  | "other";

/** The phases of profile.h, by their numbers. */
export const phaseNames: readonly PhaseName[] = [
  "pad",
  "lower",
  "pack",
  "multiply",
  "reduce",
  "scatter",
  "transform",
  "other",
];

/**
 * What the engine counts the bytes of: all that is allocated, buffers included, the most that this
 * has been, and the two buffers.
 */
export const byteCounts = { live: 0, peak: 1, scratch: 2, staging: 3 } as const;

export interface Engine {
  /** @internal */
  readonly wasmMemory: WebAssembly.Memory;
  /** The address of its text, which ends before a zero. */
  readonly version: number;
  readonly relaxedSimd: boolean;

  /** The address of `bytes` bytes aligned to 16, or 0 when there is no such memory. */
  allocate(bytes: number, zeroed: boolean): number;
  release(address: number): void;
  /** As `allocate`, in a buffer that every call shares: valid until the next `stage`. */
  stage(bytes: number): number;
  releaseBuffers(): void;
  /** One of `byteCounts`. */
  countBytes(count: number): number;

  /** The address of the block of int32 that describes the next call, and never moves. */
  parameters(): number;

  /** Whether calls add to the times that `phaseMilliseconds` gives. */
  measure(on: boolean): void;
  /** Spent on the phase of that number in all measured calls so far. */
  phaseMilliseconds(phase: number): number;

  conv2dForward(algorithm: number, x: number, w: number, b: number, y: number): number;
  conv2dBackward(
    algorithm: number,
    mean: boolean,
    dy: number,
    x: number,
    w: number,
    dx: number,
    dw: number,
    db: number,
  ): number;
  maxPool2dForward(algorithm: number, x: number, y: number, indices: number): number;
  maxPool2dBackward(algorithm: number, dy: number, indices: number, dx: number): number;
  avgPool2dForward(algorithm: number, x: number, y: number): number;
  avgPool2dBackward(algorithm: number, dy: number, dx: number): number;
  im2col(x: number, col: number): number;
  col2im(col: number, dx: number): number;
  rot180(planes: number, r: number, s: number, w: number, out: number): number;
  zeroInsert(
    planes: number,
    oh: number,
    ow: number,
    strideH: number,
    strideW: number,
    dy: number,
    out: number,
  ): number;
}

/** What the modules with threads have besides; see cpp/bindings/threads.cpp. */
export interface ThreadedEngine extends Engine {
  /** Before any thread comes; replaces the pool there was. */
  makePool(threads: number): void;
  /** The address of memory for one more thread, or 0. */
  workerBlock(): number;
}
