// Section 3: the gradients of the weights and of the bias, and the division by the batch.
import type { ConvGrad } from "convgrad";
import { type Check, compare, numericalGradient, weighted } from "../check.ts";
import { type Convolution, convolution, shapesOf, tensorsOf, windowOf } from "../convolution.ts";
import { CHAPTER, FIELDS as WINDOW } from "../forward/model.ts";
import { inputs, operand, sum, tap } from "../grids.ts";
import { flat, over, unflat } from "../indices.ts";
import { convolutionCodec } from "../link.ts";
import type { Cell, Figure } from "../linked/figure.ts";

export interface State extends Convolution {
  /** Done wrong on purpose: not divided by the batch. */
  readonly broken: boolean;
}

/** Two samples, so that the division can be seen. */
export const INITIAL: State = {
  .../* @__PURE__ */ convolution({ ...CHAPTER, n: 2 }),
  broken: false,
};

export const FIELDS = ["n", ...WINDOW] as const;
export const codec = /* @__PURE__ */ convolutionCodec(INITIAL, FIELDS, { broken: [false, true] });

export interface Computed {
  readonly dw: readonly number[];
  readonly db: readonly number[];
  /** Of dw, and of db after it. */
  readonly check: Check;
}

export function compute(cg: ConvGrad, state: State): Computed {
  const { extents, broken } = state;
  const { x, w, b, dy } = tensorsOf(state);
  const options = windowOf(extents);
  const reduction = broken ? "sum" : "mean";
  const { dw, db } = cg.conv2dBackward(dy, x, w, { ...options, reduction });
  const loss = () => {
    const y = cg.conv2d(x, w, { ...options, bias: b });
    return weighted(y.data, dy.data) / extents.n;
  };
  const numerical = [...numericalGradient(w.data, loss), ...numericalGradient(b.data, loss)];
  const check = compare([...dw.data, ...db.data], numerical);
  return { dw: [...dw.data], db: [...db.data], check };
}

export function figure(state: State, { dw, db, check }: Computed): Figure {
  const { extents: e, broken } = state;
  const { w, b, dy: shape } = shapesOf(e);
  const [n, , oh, ow] = shape;
  const { grids, read } = inputs(state);
  const divided = broken || n === 1 ? {} : { divisor: n };
  const overOutputs = (k: number, factors: (m: number, i: number, j: number) => Cell[]) => {
    const terms = over([n, oh, ow], (m, i, j) => [
      ...factors(m, i, j),
      { grid: "dy", at: flat(shape, m, k, i, j) },
    ]);
    return { ...sum(terms), ...divided };
  };
  return [
    ...grids,
    { ...operand(state, "dy"), operator: "*" },
    {
      id: "dw",
      word: "dW",
      code: "dw",
      shape: w,
      data: dw,
      planes: "filters",
      operator: "=",
      wrong: check.wrong.slice(0, dw.length),
      sumOf: (at) => {
        const [k, c, r, s] = unflat(w, at);
        return overOutputs(k, (m, i, j) => [tap(e, read, [m, c, i, j], [r, s])]);
      },
    },
    {
      id: "db",
      word: "dB",
      code: "db = Σ dy",
      shape: b,
      data: db,
      operator: ",",
      wrong: check.wrong.slice(dw.length),
      sumOf: (at) => overOutputs(at, () => []),
    },
  ];
}
