// The bindings' module as TypeScript sees it: cpp/bindings declares the same functions and fields.
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

export interface Engine {
  readonly wasmMemory: WebAssembly.Memory;
  readonly version: string;
  readonly relaxedSimd: boolean;

  /** The address of `bytes` bytes aligned to 16, or 0 when there is no such memory. */
  allocate(bytes: number, zeroed: boolean): number;
  release(address: number): void;
  /** As `allocate`, in a buffer that every call shares: valid until the next `stage`. */
  stage(bytes: number): number;
  scratchBytes(): number;
  stagingBytes(): number;
  releaseBuffers(): void;
  /** What is allocated in all, buffers and the allocator's rounding included. */
  liveBytes(): number;

  conv2dForward(
    call: Conv2dCall,
    algorithm: number,
    x: number,
    w: number,
    b: number,
    y: number,
  ): number;
  conv2dBackward(
    call: Conv2dCall,
    algorithm: number,
    mean: boolean,
    dy: number,
    x: number,
    w: number,
    dx: number,
    dw: number,
    db: number,
  ): number;
  maxPool2dForward(
    call: Pool2dCall,
    algorithm: number,
    x: number,
    y: number,
    indices: number,
  ): number;
  maxPool2dBackward(
    call: Pool2dCall,
    algorithm: number,
    dy: number,
    indices: number,
    dx: number,
  ): number;
  avgPool2dForward(call: Pool2dCall, algorithm: number, x: number, y: number): number;
  avgPool2dBackward(call: Pool2dCall, algorithm: number, dy: number, dx: number): number;
  im2col(call: Conv2dCall, x: number, col: number): number;
  col2im(call: Conv2dCall, col: number, dx: number): number;
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
