// Section 3: the gradients of the weights and of the bias, and the division by the batch.
import type { ConvGrad } from "convgrad";
import { type Check, compare, numericalGradient, weighted } from "../check.ts";
import {
  type Convolution,
  convolution,
  type Extents,
  shapesOf,
  tensorsOf,
  windowOf,
} from "../convolution.ts";
import { operands, tap } from "../forward/model.ts";
import { flat, unflat } from "../layout.ts";
import type { Cell, Figure, Grid } from "../linked/figure.ts";

export interface State {
  readonly convolution: Convolution;
  /** Done wrong on purpose: not divided by the batch. */
  readonly broken: boolean;
}

/** Two samples, so that the division can be seen. */
const EXTENTS = { n: 2, c: 1, h: 3, w: 3, k: 1, r: 2, s: 2, stride: 1, padding: 0, dilation: 1 };
export const INITIAL: State = { convolution: convolution(EXTENTS), broken: false };

export const FIELDS: readonly (keyof Extents)[] = [
  "n",
  "h",
  "w",
  "r",
  "s",
  "stride",
  "padding",
  "dilation",
  "c",
  "k",
];

export interface Computed {
  readonly dw: readonly number[];
  readonly db: readonly number[];
  /** Of dw, and of db after it. */
  readonly check: Check;
}

export function compute(cg: ConvGrad, { convolution, broken }: State): Computed {
  const { extents } = convolution;
  const { x, w, b, dy } = tensorsOf(convolution);
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
  const { extents: e, numbers } = state.convolution;
  const shapes = shapesOf(e);
  const [n, , oh, ow] = shapes.dy;
  const { given, read } = operands(state.convolution);
  const dy: Grid = {
    id: "dy",
    word: "δ_in",
    code: "dy",
    shape: shapes.dy,
    data: numbers.dy,
    editable: true,
    operator: "*",
  };
  const divided = state.broken || n === 1 ? {} : { divisor: n };
  const overPositions = (k: number, term: (m: number, i: number, j: number) => Cell[]) => {
    const terms: Cell[][] = [];
    for (let m = 0; m < n; ++m) {
      for (let i = 0; i < oh; ++i) {
        for (let j = 0; j < ow; ++j) {
          const delta = { grid: "dy", at: flat(shapes.dy, m, k, i, j) };
          terms.push([...term(m, i, j), delta]);
        }
      }
    }
    return { kind: "sum" as const, terms, ...divided };
  };
  return [
    ...given,
    dy,
    {
      id: "dw",
      word: "dW",
      code: "dw",
      shape: shapes.w,
      data: dw,
      planes: "filters",
      operator: "=",
      wrong: check.wrong.slice(0, dw.length),
      sumOf: (at) => {
        const [k, c, r, s] = unflat(shapes.w, at);
        return overPositions(k, (m, i, j) => [tap(e, read, m, c, i, j)(r, s)]);
      },
    },
    {
      id: "db",
      word: "dB",
      code: "db = Σ dy",
      shape: shapes.b,
      data: db,
      operator: ",",
      wrong: check.wrong.slice(dw.length),
      sumOf: (at) => overPositions(at, () => []),
    },
  ];
}
