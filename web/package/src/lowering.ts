import { type Expected, type Operand, operation } from "./call.js";
import { type Conv2dCall, conv2dParameters } from "./engine.js";
import { describe, refuse } from "./errors.js";
import { checkOptions, type Pair, readPair, readWindow, type WindowOptions } from "./options.js";
import { elementCount, readShape, sameShape } from "./shapes.js";
import type { PlainTensor } from "./tensor.js";

/** Options of `cg.im2col` and `cg.col2im`. */
export interface LoweringOptions extends WindowOptions {
  /** R and S, the extents of the window. */
  readonly kernel: Pair;
}

const batched: Expected = { batch: true };
const loweringOptions = ["kernel", "stride", "padding", "dilation"];

export const im2col = operation("im2col", (call, x: unknown, o: unknown): PlainTensor => {
  const options = checkOptions<LoweringOptions>(call.op, o, loweringOptions);
  const input = call.input("x", x, 4, batched);
  const shape = readLowering(call.op, input.shape, options);
  const col = call.output("col", columnShape(shape), undefined);
  call.place(conv2dParameters(shape));
  call.finish(call.memory.engine.im2col(input.address, col.address));
  return col.holder as PlainTensor;
});

export const col2im = operation(
  "col2im",
  (call, col: unknown, inputShape: unknown, o: unknown): PlainTensor => {
    const { op } = call;
    const options = checkOptions<LoweringOptions>(op, o, loweringOptions);
    const columns = call.input("col", col, 2, batched);
    const xShape = readShape(op, "inputShape", inputShape, 4, 0, 1);
    const shape = readLowering(op, xShape, options);
    const expected = columnShape(shape);
    if (!sameShape(columns.shape, expected)) {
      const what = `${describe(expected)} ([N * OH * OW, C * R * S])`;
      refuse("shape-mismatch", op, "col.shape", describe(columns.shape), what);
    }
    const dx = call.output("dx", xShape, undefined);
    call.place(conv2dParameters(shape));
    call.finish(call.memory.engine.col2im(columns.address, dx.address));
    return dx.holder as PlainTensor;
  },
);

export const rot180 = operation("rot180", (call, w: unknown): PlainTensor => {
  const filters = call.input("w", w, 4);
  const [k, c, r, s] = filters.shape as [number, number, number, number];
  const rotated = call.output("the rotated w", [k, c, r, s], undefined);
  call.place();
  call.finish(call.memory.engine.rot180(k * c, r, s, filters.address, rotated.address));
  return rotated.holder as PlainTensor;
});

export const zeroInsert = operation(
  "zeroInsert",
  (call, dy: unknown, stride: unknown): PlainTensor => {
    const delta = call.input("dy", dy, 4, batched);
    const [n, k, oh, ow] = delta.shape as [number, number, number, number];
    const [strideH, strideW] = readPair(call.op, "stride", stride, undefined);
    const shape = [n, k, (oh - 1) * strideH + 1, (ow - 1) * strideW + 1];
    const spread: Operand = call.output("the spread dy", shape, undefined);
    // One sample's extents alone must be numbers the module can hold, whatever N is.
    elementCount(call.op, "a plane of the spread dy", shape.slice(2));
    call.place();
    call.finish(
      call.memory.engine.zeroInsert(n * k, oh, ow, strideH, strideW, delta.address, spread.address),
    );
    return spread.holder as PlainTensor;
  },
);

/** A window over x alone: the module takes it as a convolution with one filter. */
function readLowering(
  op: string,
  xShape: readonly number[],
  options: Partial<LoweringOptions>,
): Conv2dCall {
  const [n, c, h, w] = xShape as [number, number, number, number];
  const [r, s] = readPair(op, "kernel", options.kernel, undefined);
  const window = readWindow(op, options, { h, w, kernelH: r, kernelW: s });
  return { n, c, h, w, k: 1, r, s, groups: 1, ...window };
}

/** [N·OH·OW, C·R·S] */
function columnShape({ n, oh, ow, c, r, s }: Conv2dCall): readonly number[] {
  return [n * oh * ow, c * r * s];
}
