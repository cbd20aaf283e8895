import { type Call, type Expected, type Operand, operation } from "./call.js";
import { type Pool2dCall, pool2dParameters, Status } from "./engine.js";
import { describe, refuse } from "./errors.js";
import type { Memory } from "./memory.js";
import {
  type Algorithm,
  checkOptions,
  type Pair,
  readAlgorithm,
  readFlag,
  readPair,
  readWindow,
  type WindowOptions,
} from "./options.js";
import { elementCount, readShape, sameShape } from "./shapes.js";
import type { PlainTensor } from "./tensor.js";

interface PoolOptions extends WindowOptions {
  /** Extents of the window. */
  readonly kernel: Pair;
  /**
   * Rounds the output extents up instead of down; the last window must start inside the input or the
   * padding before it. Default false.
   */
  readonly ceilMode?: boolean | undefined;
  /** Default `"auto"`. */
  readonly algorithm?: Algorithm | undefined;
}

/** Options of `cg.maxPool2d`. */
export interface MaxPool2dOptions<T = PlainTensor, I = PlainTensor<Int32Array>>
  extends PoolOptions {
  /** Where y and indices [N, C, OH, OW] are to be written; must not overlap an argument. */
  readonly out?: Partial<MaxPool2dResult<T, I>> | undefined;
}

/** Options of `cg.maxPool2dBackward`: those of the forward call, with `out` for dx[N, C, H, W]. */
export interface MaxPool2dBackwardOptions<T = PlainTensor> extends PoolOptions {
  /** Where dx[N, C, H, W] is to be written; must not overlap an argument. */
  readonly out?: T | undefined;
}

interface AvgPoolOptions extends PoolOptions {
  /** Divides by the window's taps in the padded input instead of the input. Default false. */
  readonly countIncludePad?: boolean | undefined;
}

/** Options of `cg.avgPool2d` (`out` for y) and `cg.avgPool2dBackward` (`out` for dx). */
export interface AvgPool2dOptions<T = PlainTensor> extends AvgPoolOptions {
  /** Where y[N, C, OH, OW] or dx[N, C, H, W] is to be written; must not overlap an argument. */
  readonly out?: T | undefined;
}

/** What `cg.maxPool2d` gives. */
export interface MaxPool2dResult<T = PlainTensor, I = PlainTensor<Int32Array>> {
  /** The maxima: [N, C, OH, OW]. */
  readonly y: T;
  /** Where each stood, as h·W + w in its plane of the input: [N, C, OH, OW], int32. */
  readonly indices: I;
}

const batched: Expected = { batch: true };
const batchedIntegers: Expected = { batch: true, integers: true };
const maxOptions = ["kernel", "stride", "padding", "dilation", "ceilMode", "algorithm", "out"];
const avgOptions = [...maxOptions, "countIncludePad"];
const resultNames = ["y", "indices"];

export const maxPool2d = operation("maxPool2d", (call, x: unknown, o: unknown): MaxPool2dResult => {
  const options = checkOptions<MaxPool2dOptions>(call.op, o, maxOptions);
  const out = checkOptions<MaxPool2dResult>(call.op, options.out, resultNames, "out");
  const input = call.input("x", x, 4, batched);
  const shape = readPooling(call.op, input.shape, options);
  const algorithm = readAlgorithm(call.op, options.algorithm);
  const yShape = outputShape(shape);
  const { y: outY, indices: outIndices } = out;
  const y = call.output(outY === undefined ? "y" : "out.y", yShape, outY);
  const indicesName = outIndices === undefined ? "indices" : "out.indices";
  const indices = call.output(indicesName, yShape.slice(), outIndices, true);
  call.place(pool2dParameters(shape));
  call.finish(
    call.memory.engine.maxPool2dForward(algorithm, input.address, y.address, indices.address),
    blindWindow,
  );
  return { y: y.holder as PlainTensor, indices: indices.holder as PlainTensor<Int32Array> };
});

export const maxPool2dBackward = operation(
  "maxPool2dBackward",
  (call, dy: unknown, indices: unknown, inputShape: unknown, o: unknown): PlainTensor => {
    const options = checkOptions<MaxPool2dBackwardOptions>(call.op, o, maxOptions);
    const delta = call.input("dy", dy, 4, batched);
    const where = call.input("indices", indices, 4, batchedIntegers);
    const shape = readPooling(call.op, readInputShape(call.op, inputShape), options);
    const algorithm = readAlgorithm(call.op, options.algorithm);
    checkShape(call.op, delta, outputShape(shape), "the shape of y");
    checkShape(call.op, where, outputShape(shape), "the shape of y");
    const dx = output(call, "dx", [shape.n, shape.c, shape.h, shape.w], options.out);
    call.place(pool2dParameters(shape));
    const status = call.memory.engine.maxPool2dBackward(
      algorithm,
      delta.address,
      where.address,
      dx.address,
    );
    const plane = shape.h * shape.w;
    const wrong = status === Status.badArgument ? outside(call.memory, where, plane) : undefined;
    call.finish(status, wrong);
    return dx.holder as PlainTensor;
  },
);

export const avgPool2d = operation("avgPool2d", (call, x: unknown, o: unknown): PlainTensor => {
  const options = checkOptions<AvgPool2dOptions>(call.op, o, avgOptions);
  const input = call.input("x", x, 4, batched);
  const shape = readPooling(call.op, input.shape, options);
  const algorithm = readAlgorithm(call.op, options.algorithm);
  const y = output(call, "y", outputShape(shape), options.out);
  call.place(pool2dParameters(shape));
  call.finish(
    call.memory.engine.avgPool2dForward(algorithm, input.address, y.address),
    blindWindow,
  );
  return y.holder as PlainTensor;
});

export const avgPool2dBackward = operation(
  "avgPool2dBackward",
  (call, dy: unknown, inputShape: unknown, o: unknown): PlainTensor => {
    const options = checkOptions<AvgPool2dOptions>(call.op, o, avgOptions);
    const delta = call.input("dy", dy, 4, batched);
    const shape = readPooling(call.op, readInputShape(call.op, inputShape), options);
    const algorithm = readAlgorithm(call.op, options.algorithm);
    checkShape(call.op, delta, outputShape(shape), "the shape of y");
    const dx = output(call, "dx", [shape.n, shape.c, shape.h, shape.w], options.out);
    call.place(pool2dParameters(shape));
    call.finish(
      call.memory.engine.avgPool2dBackward(algorithm, delta.address, dx.address),
      blindWindow,
    );
    return dx.holder as PlainTensor;
  },
);

// The one thing that only the module notices before it starts.
const blindWindow = "a dilated window would see nothing but padding; expected a smaller padding";

/** The input's extents and the window over it, as the module wants them. */
function readPooling(
  op: string,
  inputShape: readonly number[],
  options: Partial<AvgPoolOptions>,
): Pool2dCall {
  const [n, c, h, w] = inputShape as [number, number, number, number];
  const kernel = readPair(op, "kernel", options.kernel, undefined);
  const [kernelH, kernelW] = kernel;
  const ceilMode = readFlag(op, "ceilMode", options.ceilMode, false);
  const countIncludePad = readFlag(op, "countIncludePad", options.countIncludePad, false);
  const window = readWindow(op, options, { h, w, kernelH, kernelW }, kernel, ceilMode);
  const { padTop, padLeft, padBottom, padRight } = window;
  if (Math.max(padTop, padBottom) >= kernelH || Math.max(padLeft, padRight) >= kernelW) {
    const was = describe([padTop, padLeft, padBottom, padRight]);
    const expected = `less than the kernel ${describe(kernel)} on every side`;
    refuse("bad-argument", op, "padding", was, expected);
  }
  return { n, c, h, w, kernelH, kernelW, ceilMode, countIncludePad, ...window };
}

function readInputShape(op: string, value: unknown): readonly number[] {
  const shape = readShape(op, "inputShape", value, 4, 0, 1);
  elementCount(op, "inputShape", shape);
  return shape;
}

function outputShape(shape: Pool2dCall): readonly number[] {
  return [shape.n, shape.c, shape.oh, shape.ow];
}

function output(call: Call, name: string, shape: readonly number[], out: unknown): Operand {
  return call.output(out === undefined ? name : "out", shape, out);
}

function checkShape(op: string, operand: Operand, shape: readonly number[], what: string): void {
  if (sameShape(operand.shape, shape)) return;
  const expected = `${describe(shape)}, ${what}`;
  refuse("shape-mismatch", op, `${operand.name}.shape`, describe(operand.shape), expected);
}

/** Which index the module has refused. */
function outside(memory: Memory, indices: Operand, plane: number): string {
  const values = memory.integers(indices.address, indices.count);
  const at = values.findIndex((index) => index < 0 || index >= plane);
  if (at < 0) return blindWindow;
  return `indices.data[${at}] is ${values[at]}; expected at least 0 and less than ${plane} (H * W)`;
}
