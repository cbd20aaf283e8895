import { type Call, type Expected, type Operand, operation } from "./call.js";
import { type Conv2dCall, conv2dParameters } from "./engine.js";
import { describe, refuse } from "./errors.js";
import {
  type Conv2dAlgorithm,
  checkOptions,
  readConv2dAlgorithm,
  readFlag,
  readReduction,
  readWindow,
  type WindowOptions,
} from "./options.js";
import { readInteger, sameShape } from "./shapes.js";
import type { PlainTensor } from "./tensor.js";

interface Conv2dBaseOptions<T> extends WindowOptions {
  /** b[K], added to every element of an output channel. */
  readonly bias?: T | undefined;
  /** Divides C and K; each group of input channels feeds its own group of filters. Default 1. */
  readonly groups?: number | undefined;
  /** Default `"auto"`. */
  readonly algorithm?: Conv2dAlgorithm | undefined;
}

/** Options of `cg.conv2d`. */
export interface Conv2dOptions<T = PlainTensor> extends Conv2dBaseOptions<T> {
  /** Where y[N, K, OH, OW] is to be written; must not overlap an argument. */
  readonly out?: T | undefined;
}

/** Options of `cg.conv2dBackward`: those of the forward call, and the gradients' own. */
export interface Conv2dBackwardOptions<T = PlainTensor> extends Conv2dBaseOptions<T> {
  /** dw and db summed over the batch (the default), or divided by N as in the chapter. */
  readonly reduction?: "sum" | "mean" | undefined;
  /** The gradients to compute; all by default. Those set to false are absent from the result. */
  readonly need?: Conv2dNeed | undefined;
  /** Where gradients are to be written: dx[N, C, H, W], dw[K, C/groups, R, S], db[K]. */
  readonly out?: Partial<Conv2dGradients<T>> | undefined;
}

/** Which gradients `cg.conv2dBackward` computes. */
export interface Conv2dNeed {
  /** Default true. Without it the elements of w are not read. */
  readonly dx?: boolean | undefined;
  /** Default true. Without it the elements of x are not read. */
  readonly dw?: boolean | undefined;
  /** Default true. */
  readonly db?: boolean | undefined;
}

/** What `cg.conv2dBackward` gives. */
export interface Conv2dGradients<T = PlainTensor> {
  /** ∂J/∂x, the chapter's delta_out: [N, C, H, W], as x. */
  readonly dx: T;
  /** ∂J/∂w: [K, C/groups, R, S], as w; summed over the batch, or its mean. */
  readonly dw: T;
  /** ∂J/∂b: [K]; summed over the batch, or its mean. */
  readonly db: T;
}

const baseOptions = ["bias", "stride", "padding", "dilation", "groups", "algorithm"];
const forwardOptions = [...baseOptions, "out"];
const backwardOptions = [...forwardOptions, "reduction", "need"];
const gradientNames = ["dx", "dw", "db"];

const batched: Expected = { batch: true };
const unread: Expected = { read: false };
const batchedUnread: Expected = { batch: true, read: false };

export const conv2d = operation("conv2d", (call, x: unknown, w: unknown, o: unknown) => {
  const options = checkOptions<Conv2dOptions>(call.op, o, forwardOptions);
  const input = call.input("x", x, 4, batched);
  const filters = call.input("w", w, 4);
  const shape = readConvolution(call.op, input, filters, options);
  const bias = readBias(call, shape.k, options.bias);
  const algorithm = readConv2dAlgorithm(call.op, options.algorithm, shape);
  const { out } = options;
  const yShape = [shape.n, shape.k, shape.oh, shape.ow];
  const y = call.output(out === undefined ? "y" : "out", yShape, out);
  call.place(conv2dParameters(shape));
  call.finish(
    call.memory.engine.conv2dForward(
      algorithm,
      input.address,
      filters.address,
      bias === null ? 0 : bias.address,
      y.address,
    ),
  );
  return y.holder as PlainTensor;
});

export const conv2dBackward = operation(
  "conv2dBackward",
  (call, dy: unknown, x: unknown, w: unknown, o: unknown) => {
    const { op } = call;
    const options = checkOptions<Conv2dBackwardOptions>(op, o, backwardOptions);
    const need = checkOptions<Conv2dNeed>(op, options.need, gradientNames, "need");
    const out = checkOptions<Conv2dGradients>(op, options.out, gradientNames, "out");
    const needDx = readFlag(op, "need.dx", need.dx, true);
    const needDw = readFlag(op, "need.dw", need.dw, true);
    const needDb = readFlag(op, "need.db", need.db, true);

    const delta = call.input("dy", dy, 4, needDx || needDw || needDb ? batched : batchedUnread);
    const input = call.input("x", x, 4, needDw ? batched : batchedUnread);
    const filters = call.input("w", w, 4, needDx ? undefined : unread);
    const shape = readConvolution(op, input, filters, options);
    readBias(call, shape.k, options.bias, unread);
    const yShape = [shape.n, shape.k, shape.oh, shape.ow];
    if (!sameShape(delta.shape, yShape)) {
      const expected = `${describe(yShape)}, the shape of y`;
      refuse("shape-mismatch", op, "dy.shape", describe(delta.shape), expected);
    }
    const algorithm = readConv2dAlgorithm(op, options.algorithm, shape);
    const mean = readReduction(op, options.reduction);
    const dx = readGradient(call, "dx", needDx, input.shape, out.dx);
    const dw = readGradient(call, "dw", needDw, filters.shape, out.dw);
    const db = readGradient(call, "db", needDb, [shape.k], out.db);
    call.place(conv2dParameters(shape));
    call.finish(
      call.memory.engine.conv2dBackward(
        algorithm,
        mean,
        delta.address,
        input.address,
        filters.address,
        dx === null ? 0 : dx.address,
        dw === null ? 0 : dw.address,
        db === null ? 0 : db.address,
      ),
    );
    const gradients: { dx?: PlainTensor; dw?: PlainTensor; db?: PlainTensor } = {};
    if (dx !== null) gradients.dx = dx.holder as PlainTensor;
    if (dw !== null) gradients.dw = dw.holder as PlainTensor;
    if (db !== null) gradients.db = db.holder as PlainTensor;
    return gradients as Partial<Conv2dGradients>;
  },
);

/** One of the results, or null where it is not wanted. */
function readGradient(
  call: Call,
  name: string,
  wanted: boolean,
  shape: readonly number[],
  out: unknown,
): Operand | null {
  if (wanted) return call.output(out === undefined ? name : `out.${name}`, shape, out);
  if (out !== undefined) {
    refuse("bad-argument", call.op, `out.${name}`, "given", `need.${name} not to be false`);
  }
  return null;
}

/** x[N, C, H, W] and w[K, C/groups, R, S] with their window, as the module wants them. */
function readConvolution(
  op: string,
  x: Operand,
  w: Operand,
  options: Partial<Conv2dBaseOptions<PlainTensor>>,
): Conv2dCall {
  const [n, c, h, width] = x.shape as [number, number, number, number];
  const [k, groupC, r, s] = w.shape as [number, number, number, number];
  const { groups: given } = options;
  const groups = given === undefined ? 1 : readInteger(op, "groups", given, 1);
  if (c % groups !== 0 || k % groups !== 0) {
    const expected = `a divisor of C = ${c} and K = ${k}`;
    refuse("bad-argument", op, "groups", String(groups), expected);
  }
  if (groupC * groups !== c) {
    const expected = `${c / groups} (C / groups = ${c} / ${groups})`;
    refuse("shape-mismatch", op, "w.shape[1]", String(groupC), expected);
  }
  const window = readWindow(op, options, { h, w: width, kernelH: r, kernelW: s });
  return { n, c, h, w: width, k, r, s, groups, ...window };
}

function readBias(call: Call, k: number, value: unknown, expected?: Expected): Operand | null {
  if (value === undefined) return null;
  const bias = call.input("bias", value, 1, expected);
  if (bias.shape[0] !== k) {
    const was = describe(bias.shape);
    refuse("shape-mismatch", call.op, "bias.shape", was, `[${k}] (K, the filters of w)`);
  }
  return bias;
}
