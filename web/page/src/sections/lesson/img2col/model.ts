// Section 4: the convolution as a product of matrices, and back by col2img.
import type { ConvGrad, PlainTensor } from "convgrad";
import { product, rowsOfPositions, transposed } from "../../examples/model/worked.ts";
import { type Check, compare, numericalGradient, weighted } from "../check.ts";
import {
  type Convolution,
  convolution,
  type Extents,
  MOST,
  shapesOf,
  tensorsOf,
  windowOf,
} from "../convolution.ts";
import { CHAPTER, FIELDS as WINDOW } from "../forward/model.ts";
import { placeIn } from "../grids.ts";
import { flat, unflat } from "../indices.ts";
import { convolutionCodec } from "../link.ts";

export interface State extends Convolution {
  readonly pass: "forward" | "backward";
  /** Done wrong on purpose: col2img overwrites where it should add. */
  readonly broken: boolean;
}

/** What the batches of the chapter's two examples are. */
export const EXAMPLES: Readonly<Record<"single" | "batch", Partial<Extents>>> = {
  single: { n: 1, c: 1, k: 1 },
  batch: { n: 2, c: 3, k: 2 },
};

export const INITIAL: State = {
  .../* @__PURE__ */ convolution(CHAPTER),
  pass: "backward",
  broken: false,
};

/** What can be set without the matrices growing out of hand. */
export const LARGEST: Extents = { ...MOST, h: 5, w: 5, r: 3, s: 3, padding: 2 };

export const FIELDS: readonly (keyof Extents)[] = ["n", ...WINDOW];
export const codec = /* @__PURE__ */ convolutionCodec(
  INITIAL,
  FIELDS,
  { pass: ["forward", "backward"], broken: [false, true] },
  LARGEST,
);

type Values = readonly number[];

export interface Computed {
  readonly colX: Values;
  readonly colW: Values;
  readonly z2d: Values;
  readonly z: Values;
  readonly dW2d: Values;
  readonly dW: Values;
  readonly dcol: Values;
  /** delta_out after so many rows of dcol have been put back, from none to all. */
  readonly partial: readonly Values[];
  readonly check: Check;
}

export function compute(cg: ConvGrad, state: State): Computed {
  const { extents: e } = state;
  const { x, w, dy } = tensorsOf(state);
  const options = windowOf(e);
  const kernel = { kernel: [e.r, e.s] as const };
  const colX = cg.im2col(x, { ...options, ...kernel });
  const colW = transposed(cg.im2col(w, kernel));
  const delta2d = rowsOfPositions(dy);
  const dcol = product(cg, delta2d, transposed(colW));
  const partial = putBack(cg, state, dcol);
  const zeros = { ...x, data: new Float32Array(x.data.length) };
  const loss = () => weighted(cg.conv2d(zeros, w, options).data, dy.data);
  // A product of matrices divided by N: each delta is, before the product.
  const mean = { ...delta2d, data: delta2d.data.map((delta) => delta / e.n) };
  const gradients = { ...options, algorithm: "im2col", reduction: "mean" } as const;
  return {
    colX: [...colX.data],
    colW: [...colW.data],
    z2d: [...product(cg, colX, colW).data],
    z: [...cg.conv2d(x, w, { ...options, algorithm: "im2col" }).data],
    dW2d: [...product(cg, transposed(colX), mean).data],
    dW: [...cg.conv2dBackward(dy, x, w, gradients).dw.data],
    dcol: [...dcol.data],
    partial,
    check: compare(partial.at(-1) as Values, numericalGradient(zeros.data, loss)),
  };
}

/** col2img of the first rows alone, one more each time; broken, of each row alone, written over what was. */
function putBack(cg: ConvGrad, { extents: e, broken }: State, dcol: PlainTensor) {
  const [rows, columns] = dcol.shape as readonly [number, number];
  const { x } = shapesOf(e);
  const options = { ...windowOf(e), kernel: [e.r, e.s] as const };
  const image = (first: number, last: number) => {
    const data = new Float32Array(dcol.data.length);
    data.set(dcol.data.subarray(first * columns, last * columns), first * columns);
    return cg.col2im({ shape: dcol.shape, data }, x, options).data;
  };
  const found: Values[] = [[...image(0, 0)]];
  for (let row = 0; row < rows; ++row) {
    if (!broken) {
      found.push([...image(0, row + 1)]);
      continue;
    }
    const next = [...(found[row] as Values)];
    const alone = image(row, row + 1);
    for (let column = 0; column < columns; ++column) {
      const place = placeOf(e, row, column);
      if (place !== undefined) next[place] = alone[place] as number;
    }
    found.push(next);
  }
  return found;
}

/** Where an element of the columns comes from in x: undefined in the padding. */
export function placeOf(e: Extents, row: number, column: number): number | undefined {
  const { x, dy } = shapesOf(e);
  const [n, i, j] = unflat([e.n, dy[2], dy[3]] as const, row);
  const [c, r, s] = unflat([e.c, e.r, e.s] as const, column);
  const place = placeIn(e, [i, j], [r, s]);
  return place && flat(x, n, c, ...place);
}
