// Section 1: the forward convolution, every output a sum of products.
import type { ConvGrad } from "convgrad";
import {
  type Convolution,
  convolution,
  type Extents,
  shapesOf,
  tensorsOf,
  windowOf,
} from "../convolution.ts";
import { inputs, operand, sum, tap } from "../grids.ts";
import { flat, over, unflat } from "../indices.ts";
import { convolutionCodec } from "../link.ts";
import type { Figure } from "../linked/figure.ts";

/** The chapter's case: a 3×3 input, a 2×2 kernel, one bias. */
export const CHAPTER: Extents = {
  ...{ n: 1, c: 1, h: 3, w: 3, k: 1, r: 2, s: 2 },
  ...{ stride: 1, padding: 0, dilation: 1 },
};

export const INITIAL: Convolution = /* @__PURE__ */ (() => {
  const { extents, numbers } = convolution(CHAPTER);
  return { extents, numbers: { ...numbers, b: [1] } };
})();

/** The extents that can be set. */
export const FIELDS: readonly (keyof Extents)[] = [
  ...(["h", "w", "r", "s", "stride", "padding", "dilation", "c", "k"] as const),
];
export const codec = /* @__PURE__ */ convolutionCodec(INITIAL, FIELDS, {});

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

export function figure(state: Convolution, { y }: Computed): Figure {
  const { extents: e } = state;
  const { grids, read } = inputs(state);
  const { w: kernels, dy: shape } = shapesOf(e);
  return [
    ...grids,
    { ...operand(state, "w"), operator: "*" },
    { ...operand(state, "b"), operator: "+" },
    {
      id: "z",
      word: "z",
      code: "y = cg.conv2d(x, w)",
      shape,
      data: y,
      operator: "=",
      sumOf: (at) => {
        const [n, k, i, j] = unflat(shape, at);
        const products = over([e.c, e.r, e.s], (c, r, s) => [
          { grid: "w", at: flat(kernels, k, c, r, s) },
          tap(e, read, [n, c, i, j], [r, s]),
        ]);
        return sum([...products, [{ grid: "b", at: k }]]);
      },
    },
  ];
}
