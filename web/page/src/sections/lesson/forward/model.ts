// Section 1: the forward convolution, every output a sum of products.
import type { ConvGrad } from "convgrad";
import {
  type Convolution,
  convolution,
  type Extents,
  outputHeight,
  outputWidth,
  shapesOf,
  tensorsOf,
  windowOf,
} from "../convolution.ts";
import { flat, padded, type Shape4, unflat } from "../layout.ts";
import type { Cell, Figure, Grid } from "../linked/figure.ts";

/** The chapter's case: a 3×3 input, a 2×2 kernel, one bias. */
export const INITIAL: Convolution = (() => {
  const extents = { n: 1, c: 1, h: 3, w: 3, k: 1, r: 2, s: 2, stride: 1, padding: 0, dilation: 1 };
  const { numbers } = convolution(extents);
  return { extents, numbers: { ...numbers, b: [1] } };
})();

/** The extents that can be set. */
export const FIELDS: readonly (keyof Extents)[] = [
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
  readonly y: readonly number[];
  /** Whether direct, img2col and the reference in double precision agree. */
  readonly agree: boolean;
}

export function compute(cg: ConvGrad, state: Convolution): Computed {
  const { x, w, b } = tensorsOf(state);
  const by = (algorithm: "direct" | "im2col" | "reference") =>
    cg.conv2d(x, w, { bias: b, ...windowOf(state.extents), algorithm }).data;
  const [y, other, reference] = [by("direct"), by("im2col"), by("reference")];
  const near = (found: Float32Array) =>
    found.every((value, i) => {
      const wanted = reference[i] as number;
      return Math.abs(value - wanted) <= 1e-5 * Math.max(1, Math.abs(wanted));
    });
  return { y: [...y], agree: near(y) && near(other) };
}

/** The input and the kernels of a convolution as grids; the padded input only where there is padding. */
export function operands({ extents, numbers }: Convolution) {
  const shapes = shapesOf(extents);
  const x: Grid = {
    id: "x",
    word: "x",
    code: "",
    shape: shapes.x,
    data: numbers.x,
    editable: true,
  };
  const w: Grid = {
    id: "w",
    word: "w",
    code: "",
    shape: shapes.w,
    data: numbers.w,
    editable: true,
    planes: "filters",
  };
  const { padding, h } = extents;
  const xPadded =
    padding === 0
      ? undefined
      : padded(
          { id: "xPadded", word: "x_pad", code: `padding: ${padding}`, operator: "→" },
          x,
          padding,
          padding,
          h + 2 * padding,
          extents.w + 2 * padding,
        );
  return { x, w, xPadded, given: xPadded ? [x, xPadded] : [x], read: xPadded ?? x };
}

/** The cell of the (padded) input that kernel weight (r, s) meets at output (i, j). */
export function tap(e: Extents, read: Grid, n: number, c: number, i: number, j: number) {
  return (r: number, s: number): Cell => ({
    grid: read.id,
    at: flat(
      read.shape as Shape4,
      n,
      c,
      i * e.stride + r * e.dilation,
      j * e.stride + s * e.dilation,
    ),
  });
}

export function figure(state: Convolution, { y }: Computed): Figure {
  const { extents: e, numbers } = state;
  const { given, read, w } = operands(state);
  const shape: Shape4 = [e.n, e.k, outputHeight(e), outputWidth(e)];
  const b: Grid = {
    id: "b",
    word: "b",
    code: "bias",
    shape: [e.k],
    data: numbers.b,
    editable: true,
    operator: "+",
  };
  const z: Grid = {
    id: "z",
    word: "z",
    code: "y = cg.conv2d(x, w)",
    shape,
    data: y,
    operator: "=",
    sumOf: (at) => {
      const [n, k, i, j] = unflat(shape, at);
      const terms: Cell[][] = [];
      for (let c = 0; c < e.c; ++c) {
        const meet = tap(e, read, n, c, i, j);
        for (let r = 0; r < e.r; ++r) {
          for (let s = 0; s < e.s; ++s) {
            terms.push([{ grid: "w", at: flat(w.shape as Shape4, k, c, r, s) }, meet(r, s)]);
          }
        }
      }
      return { kind: "sum", terms: [...terms, [{ grid: "b", at: k }]] };
    },
  };
  return [...given, { ...w, operator: "*" }, b, z];
}
