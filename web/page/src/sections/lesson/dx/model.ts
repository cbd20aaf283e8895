// Section 2: the error that goes back to the input, gathered (method 1) or scattered (col2img).
import type { ConvGrad, PlainTensor } from "convgrad";
import { type Check, compare, numericalGradient, weighted } from "../check.ts";
import {
  type Convolution,
  convolution,
  type Extents,
  shapesOf,
  tensorsOf,
  windowOf,
} from "../convolution.ts";
import { CHAPTER, FIELDS } from "../forward/model.ts";
import { arrivals, moved, operand, padded, placeIn, sum } from "../grids.ts";
import { flat, over, type Shape4, unflat } from "../indices.ts";
import { convolutionCodec } from "../link.ts";
import type { Figure, Grid, Term } from "../linked/figure.ts";

export interface State extends Convolution {
  /** gather: every dx collects. scatter: every δ hands out. */
  readonly method: "gather" | "scatter";
  /** What is done wrong on purpose: gathered with the kernel as it is, scattered with = for +=. */
  readonly broken: boolean;
}

export const INITIAL: State = {
  .../* @__PURE__ */ convolution(CHAPTER),
  method: "gather",
  broken: false,
};

export const codec = /* @__PURE__ */ convolutionCodec(INITIAL, FIELDS, {
  method: ["gather", "scatter"],
  broken: [false, true],
});

export interface Computed {
  /** What the method makes, right or wrong. */
  readonly dx: readonly number[];
  /** While scattering: dx after so many cells of dy have been handed out, from none to all. */
  readonly partial: readonly (readonly number[])[];
  readonly spread: readonly number[];
  readonly rotated: readonly number[];
  readonly check: Check;
}

export function compute(cg: ConvGrad, state: State): Computed {
  const { extents, method, broken } = state;
  const { x, w, dy } = tensorsOf(state);
  const rotated = cg.rot180(w);
  const spread = cg.zeroInsert(dy, extents.stride);
  const partial = method === "scatter" ? scatter(cg, state, w, dy) : [];
  const dx = partial.at(-1) ?? [...gather(cg, extents, broken ? w : rotated, spread)];
  const zeros = { ...x, data: new Float32Array(x.data.length) };
  const loss = () => weighted(cg.conv2d(zeros, w, windowOf(extents)).data, dy.data);
  const check = compare(dx, numericalGradient(zeros.data, loss));
  return { dx, partial, spread: [...spread.data], rotated: [...rotated.data], check };
}

/** dx = padded δ ⋆ kernel, with the filters' two outer extents exchanged. */
function gather(cg: ConvGrad, e: Extents, w: PlainTensor, spread: PlainTensor): Float32Array {
  const shape = [e.c, e.k, e.r, e.s] as const;
  const exchanged = over(shape, (c, k, r, s) => w.data[flat(w.shape, k, c, r, s)] as number);
  const source: Grid = { id: "dz", word: "", code: "", shape: spread.shape, data: spread.data };
  const delta = paddedDelta(e, source);
  const x = { shape: delta.shape, data: Float32Array.from(delta.data) };
  const kernel = { shape, data: Float32Array.from(exchanged) };
  return cg.conv2d(x, kernel, { dilation: e.dilation }).data;
}

/** dx after 0, 1, 2, … cells of dy: one batch, with one more cell in every sample. */
function scatter(
  cg: ConvGrad,
  { extents: e, broken }: State,
  w: PlainTensor,
  dy: PlainTensor,
): readonly (readonly number[])[] {
  const [count, area] = [dy.data.length, e.c * e.h * e.w];
  const deltas = new Float32Array((count + 1) * count);
  for (let step = 1; step <= count; ++step) {
    // Handed out alone where later ones overwrite, else on top of all before.
    const first = broken ? step - 1 : 0;
    deltas.set(dy.data.subarray(first, step), step * count + first);
  }
  const x = { shape: [count + 1, e.c, e.h, e.w], data: new Float32Array((count + 1) * area) };
  const all = { shape: [count + 1, ...dy.shape.slice(1)], data: deltas };
  const { data } = cg.conv2dBackward(all, x, w, windowOf(e)).dx;
  const found = Array.from({ length: count + 1 }, (_, step) =>
    Array.from(data.subarray(step * area, (step + 1) * area)),
  );
  if (!broken) return found;
  const assigned = [Array<number>(area).fill(0)];
  for (let step = 1; step <= count; ++step) {
    const next = [...(assigned[step - 1] as number[])];
    for (const [at] of handedOut(e, step - 1)) next[at] = found[step]?.[at] as number;
    assigned.push(next);
  }
  return assigned;
}

/** Where a cell of dy goes: places in dx, each with its term. */
function handedOut(e: Extents, at: number): (readonly [place: number, term: Term])[] {
  const { x, w, dy } = shapesOf(e);
  const [n, k, i, j] = unflat(dy, at);
  return over([e.c, e.r, e.s], (c, r, s) => {
    const place = placeIn(e, [i, j], [r, s]);
    const weight = { grid: "w", at: flat(w, k, c, r, s) };
    return place && ([flat(x, n, c, ...place), [{ grid: "dy", at }, weight]] as const);
  }).filter((each) => each !== undefined);
}

/** δ with zeros around it, as many as make a correlation with the kernel as large as x. */
function paddedDelta(e: Extents, source: Grid): Grid {
  // Rows and columns that the kernel covers, less one; the forward padding is taken off.
  const [h, w] = [e.dilation * (e.r - 1), e.dilation * (e.s - 1)];
  const about = { id: "dzPadded", word: "δ_pad", code: "np.pad", operator: "→" };
  return padded(about, source, [h - e.padding, w - e.padding], [e.h + h, e.w + w]);
}

export function figure(state: State, computed: Computed, step: number): Figure {
  const dx = {
    id: "dx",
    word: "dx",
    code: "δ_out",
    shape: shapesOf(state.extents).x,
    operator: "=",
    wrong: computed.check.wrong,
  };
  return state.method === "gather"
    ? gathered(state, computed, dx)
    : scattered(state, computed, step, dx);
}

type Result = Omit<Grid, "data" | "sumOf">;

function gathered(state: State, { spread, rotated, dx: data }: Computed, dx: Result): Figure {
  const { extents: e, broken } = state;
  const { x, w: kernels, dy: shape } = shapesOf(e);
  const { stride } = e;
  const [dy, w] = [operand(state, "dy"), operand(state, "w")];
  const wide: Shape4 = [e.n, e.k, (shape[2] - 1) * stride + 1, (shape[3] - 1) * stride + 1];
  const apart = moved(
    { id: "dz", word: "δ_1", code: `cg.zeroInsert(dy, ${stride})`, shape: wide, operator: "→" },
    dy,
    (at) => {
      const [n, k, i, j] = unflat(wide, at);
      const given = i % stride === 0 && j % stride === 0;
      return given ? flat(shape, n, k, i / stride, j / stride) : undefined;
    },
  );
  const deltas = stride === 1 ? [dy] : [dy, { ...apart, data: spread }];
  const pad = paddedDelta(e, deltas.at(-1) as Grid);
  const area = e.r * e.s;
  const about = { id: "rot", word: "w_rot180", code: "cg.rot180(w)", operator: "*" };
  const turned = moved(
    { ...about, shape: kernels, planes: "filters" },
    w,
    (at) => at - (at % area) + (area - 1 - (at % area)),
  );
  return [
    ...deltas,
    pad,
    ...(broken
      ? [{ ...w, operator: "*" }]
      : [
          { ...turned, data: rotated },
          { ...w, operator: "←" },
        ]),
    {
      ...dx,
      data,
      sumOf: (at) => {
        const [n, c, i, j] = unflat(x, at);
        const products = over([e.k, e.r, e.s], (k, r, s) => [
          {
            grid: pad.id,
            at: flat(pad.shape, n, k, i + r * e.dilation, j + s * e.dilation),
          },
          { grid: broken ? "w" : "rot", at: flat(kernels, k, c, r, s) },
        ]);
        return sum(products);
      },
    },
  ];
}

/** dx as it stands after the player's step; before the first one, as it will be. */
function scattered(state: State, computed: Computed, step: number, dx: Result): Figure {
  const { extents: e, broken } = state;
  const dy = operand(state, "dy");
  const done = step === 0 ? dy.data.length : step;
  const handed = Array.from({ length: done }, (_, at) => handedOut(e, at)).flat();
  const terms = arrivals(computed.dx.length, broken, handed);
  return [
    { ...dy, pending: (at) => at >= done },
    { ...operand(state, "w"), operator: "·" },
    {
      ...dx,
      operator: broken ? "=" : "+=",
      data: computed.partial[done] ?? computed.dx,
      ...(step === 0 ? {} : { wrong: [] }),
      sumOf: (at) => sum(terms[at] ?? []),
    },
  ];
}
