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
import { flat, moved, padded, type Shape4, unflat } from "../layout.ts";
import type { Cell, Figure, Grid, Sum } from "../linked/figure.ts";

export interface State {
  readonly convolution: Convolution;
  /** gather: every dx collects. scatter: every δ hands out. */
  readonly method: "gather" | "scatter";
  /** What is done wrong on purpose: gathered with the kernel as it is, scattered with = for +=. */
  readonly broken: boolean;
}

const EXTENTS = { n: 1, c: 1, h: 3, w: 3, k: 1, r: 2, s: 2, stride: 1, padding: 0, dilation: 1 };
export const INITIAL: State = {
  convolution: convolution(EXTENTS),
  method: "gather",
  broken: false,
};

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
  /** What the method makes, right or wrong. */
  readonly dx: readonly number[];
  /** While scattering: dx after so many cells of dy have been handed out, from none to all. */
  readonly partial: readonly (readonly number[])[];
  readonly spread: readonly number[];
  readonly rotated: readonly number[];
  readonly check: Check;
}

/** Rows and columns that a kernel covers, less one: what δ is padded by before the forward padding is taken off. */
const reach = (e: Extents) => ({ h: e.dilation * (e.r - 1), w: e.dilation * (e.s - 1) });

export function compute(cg: ConvGrad, state: State): Computed {
  const { extents } = state.convolution;
  const { x, w, dy } = tensorsOf(state.convolution);
  const rotated = cg.rot180(w);
  const spread = cg.zeroInsert(dy, extents.stride);
  const partial = state.method === "scatter" ? scatter(cg, state, w, dy) : [];
  const dx =
    state.method === "scatter"
      ? (partial.at(-1) as readonly number[])
      : [...gather(cg, extents, state.broken ? w : rotated, spread)];
  const zeros = { ...x, data: new Float32Array(x.data.length) };
  const loss = () => weighted(cg.conv2d(zeros, w, windowOf(extents)).data, dy.data);
  const check = compare(dx, numericalGradient(zeros.data, loss));
  return { dx, partial, spread: [...spread.data], rotated: [...rotated.data], check };
}

/** dx = padded δ ⋆ kernel, with the filters' two outer extents exchanged. */
function gather(cg: ConvGrad, e: Extents, w: PlainTensor, spread: PlainTensor): Float32Array {
  const kernel = new Float32Array(w.data.length);
  const area = e.r * e.s;
  for (let k = 0; k < e.k; ++k) {
    for (let c = 0; c < e.c; ++c) {
      const from = (k * e.c + c) * area;
      kernel.set(w.data.subarray(from, from + area), (c * e.k + k) * area);
    }
  }
  const source: Grid = { id: "dz", word: "", code: "", shape: spread.shape, data: spread.data };
  const { data, shape } = paddedDelta(e, source);
  const x = { shape, data: Float32Array.from(data) };
  return cg.conv2d(x, { shape: [e.c, e.k, e.r, e.s], data: kernel }, { dilation: e.dilation }).data;
}

/** dx after 0, 1, 2, … cells of dy: one batch, with one more cell in every sample. */
function scatter(
  cg: ConvGrad,
  { convolution: { extents: e }, broken }: State,
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
  const { k } = e;
  const [, , oh, ow] = shapesOf(e).dy;
  const x = { shape: [count + 1, e.c, e.h, e.w], data: new Float32Array((count + 1) * area) };
  const all = { shape: [count + 1, k, oh, ow], data: deltas };
  const { data } = cg.conv2dBackward(all, x, w, windowOf(e)).dx;
  const found = Array.from({ length: count + 1 }, (_, step) =>
    Array.from(data.subarray(step * area, (step + 1) * area)),
  );
  if (!broken) return found;
  const assigned = [Array<number>(area).fill(0)];
  for (let step = 1; step <= count; ++step) {
    const next = [...(assigned[step - 1] as number[])];
    for (const at of covered(e, step - 1).keys()) next[at] = found[step]?.[at] as number;
    assigned.push(next);
  }
  return assigned;
}

/** Where a cell of dy goes: positions in dx, each with the weight it is multiplied by. */
export function covered(e: Extents, at: number): ReadonlyMap<number, number> {
  const { x, w, dy } = shapesOf(e);
  const [n, k, i, j] = unflat(dy, at);
  const places = new Map<number, number>();
  for (let c = 0; c < e.c; ++c) {
    for (let r = 0; r < e.r; ++r) {
      for (let s = 0; s < e.s; ++s) {
        const row = i * e.stride - e.padding + r * e.dilation;
        const column = j * e.stride - e.padding + s * e.dilation;
        if (row < 0 || row >= e.h || column < 0 || column >= e.w) continue;
        places.set(flat(x, n, c, row, column), flat(w, k, c, r, s));
      }
    }
  }
  return places;
}

/** δ with zeros around it, as many as make a correlation with the kernel as large as x. */
function paddedDelta(e: Extents, source: Grid): Grid {
  const { h, w } = reach(e);
  const grid = { id: "dzPadded", word: "δ_pad", code: "np.pad", operator: "→" };
  return padded(grid, source, h - e.padding, w - e.padding, e.h + h, e.w + w);
}

export function figure(state: State, computed: Computed, step: number): Figure {
  const { extents: e, numbers } = state.convolution;
  const shapes = shapesOf(e);
  const dy: Grid = {
    id: "dy",
    word: "δ_in",
    code: "dy",
    shape: shapes.dy,
    data: numbers.dy,
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
  const dx = {
    id: "dx",
    word: "dx",
    code: "δ_out",
    shape: shapes.x,
    operator: "=",
    wrong: computed.check.wrong,
  };
  return state.method === "gather"
    ? gathered(state, computed, { dy, w, dx })
    : scattered(state, computed, step, { dy, w, dx });
}

interface Grids {
  readonly dy: Grid;
  readonly w: Grid;
  readonly dx: Omit<Grid, "data" | "sumOf">;
}

function gathered(state: State, computed: Computed, { dy, w, dx }: Grids): Figure {
  const { extents: e } = state.convolution;
  const shape = shapesOf(e).dy;
  const [, , oh, ow] = shape;
  const { stride } = e;
  const wide: Shape4 = [e.n, e.k, (oh - 1) * stride + 1, (ow - 1) * stride + 1];
  const spread = {
    ...moved(
      { id: "dz", word: "δ_1", code: `cg.zeroInsert(dy, ${stride})`, shape: wide, operator: "→" },
      dy,
      (at) => {
        const [n, k, i, j] = unflat(wide, at);
        const apart = i % stride === 0 && j % stride === 0;
        return apart ? flat(shape, n, k, i / stride, j / stride) : undefined;
      },
    ),
    data: computed.spread,
  };
  const deltas = stride === 1 ? [dy] : [dy, spread];
  const pad = paddedDelta(e, deltas.at(-1) as Grid);
  const area = e.r * e.s;
  const turned = {
    ...moved(
      {
        id: "rot",
        word: "w_rot180",
        code: "cg.rot180(w)",
        shape: w.shape,
        planes: "filters",
      },
      w,
      (at) => at - (at % area) + (area - 1 - (at % area)),
    ),
    data: computed.rotated,
  };
  const kernel = state.broken ? w : turned;
  const sumOf = (at: number): Sum => {
    const [n, c, i, j] = unflat(shapesOf(e).x, at);
    const terms: Cell[][] = [];
    for (let k = 0; k < e.k; ++k) {
      for (let r = 0; r < e.r; ++r) {
        for (let s = 0; s < e.s; ++s) {
          const from = flat(pad.shape as Shape4, n, k, i + r * e.dilation, j + s * e.dilation);
          const by = flat(w.shape as Shape4, k, c, r, s);
          terms.push([
            { grid: pad.id, at: from },
            { grid: kernel.id, at: by },
          ]);
        }
      }
    }
    return { kind: "sum", terms };
  };
  return [
    ...deltas,
    pad,
    ...(state.broken
      ? [{ ...w, operator: "*" }]
      : [
          { ...turned, operator: "*" },
          { ...w, operator: "←" },
        ]),
    { ...dx, data: computed.dx, sumOf },
  ];
}

/** dx as it stands after the player's step; before the first one, as it will be. */
function scattered(state: State, computed: Computed, step: number, { dy, w, dx }: Grids): Figure {
  const { extents: e } = state.convolution;
  const done = step === 0 ? dy.data.length : step;
  const sources: Cell[][][] = Array.from({ length: computed.dx.length }, () => []);
  for (let at = 0; at < done; ++at) {
    for (const [place, weight] of covered(e, at)) {
      const term = [
        { grid: "dy", at },
        { grid: "w", at: weight },
      ];
      // The broken one keeps only what came last.
      if (state.broken) sources[place] = [term];
      else sources[place]?.push(term);
    }
  }
  return [
    { ...dy, pending: (at) => at >= done },
    { ...w, operator: "·" },
    {
      ...dx,
      operator: state.broken ? "=" : "+=",
      data: computed.partial[done] ?? computed.dx,
      ...(step === 0 ? {} : { wrong: [] }),
      sumOf: (at) => {
        const terms = sources[at] ?? [];
        return { kind: terms.length === 0 ? "zero" : "sum", terms };
      },
    },
  ];
}
