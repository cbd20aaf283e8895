// Section 5: pooling by maximum and by mean, forward and backward.
import type { ConvGrad, PlainTensor } from "convgrad";
import { type Check, compare, numericalGradient, weighted } from "../check.ts";
import type { Bounds } from "../convolution.ts";
import { padded } from "../grids.ts";
import {
  type Codec,
  changedOf,
  differences,
  own,
  readChoices,
  readInteger,
  readNumbers,
  writeNumbers,
} from "../link.ts";
import type { Grid } from "../linked/figure.ts";

export interface State {
  readonly kind: "max" | "mean";
  readonly size: number;
  readonly stride: number;
  readonly padding: number;
  /** 4×4. */
  readonly x: readonly number[];
  /** As many as there are windows. */
  readonly dy: readonly number[];
  /** Done wrong on purpose: = for +=, or padding with 0 where −∞ belongs. */
  readonly broken: "no" | "assign" | "zeroPadding";
}

export const SIDE = 4;
export const INITIAL: State = {
  kind: "max",
  size: 2,
  stride: 2,
  padding: 0,
  x: [1, 3, 1, 2, 2, 1, 4, 1, 1, 3, 2, 0, 0, 1, 2, 3],
  dy: [1, 2, 3, 4],
  broken: "no",
};

export const FIELDS = ["size", "stride", "padding"] as const;

/** The mean is taken of whole windows, so it goes without padding here. */
export const boundsOf = ({
  kind,
  size,
}: State): Readonly<Record<(typeof FIELDS)[number], Bounds>> => ({
  size: { min: 2, max: 3 },
  stride: { min: 1, max: 3 },
  padding: { min: 0, max: kind === "max" ? size - 1 : 0 },
});

export const outputSide = ({ size, stride, padding }: State) =>
  Math.floor((SIDE + 2 * padding - size) / stride) + 1;

/** With changes, and whatever follows from them: legal padding, a residual for every window. */
export function adapt(before: State, changes: Partial<State>): State {
  const wanted = { ...before, ...changes };
  const padding = Math.min(wanted.padding, boundsOf(wanted).padding.max);
  const usable =
    wanted.broken === "zeroPadding" && (padding === 0 || wanted.kind === "mean")
      ? "no"
      : wanted.broken;
  const after = { ...wanted, padding, broken: usable };
  const count = outputSide(after) ** 2;
  if (after.dy.length === count) return after;
  return { ...after, dy: Array.from({ length: count }, (_, i) => i + 1) };
}

const CHOICES = {
  kind: ["max", "mean"],
  broken: ["no", "assign", "zeroPadding"],
} as const;

/** A state in a link. */
export const codec: Codec<State> = {
  write(state) {
    const { kind, size, stride, padding } = state;
    const { x, dy } = adapt(INITIAL, { kind, size, stride, padding });
    return {
      ...differences(state, INITIAL, ["kind", "broken", ...FIELDS]),
      ...changedOf([
        ["x", writeNumbers(state.x), writeNumbers(x)],
        ["dy", writeNumbers(state.dy), writeNumbers(dy)],
      ]),
    };
  },
  read(parameters) {
    let state = readChoices(parameters, INITIAL, CHOICES);
    const { broken } = state;
    for (const field of FIELDS) {
      const text = own(parameters, field);
      const value = readInteger(text, boundsOf(state)[field], state[field]);
      state = adapt({ ...state, broken: "no" }, { [field]: value });
    }
    const [x, dy] = [state.x, state.dy];
    return adapt(state, {
      broken,
      x: readNumbers(own(parameters, "x"), x),
      dy: readNumbers(own(parameters, "dy"), dy),
    });
  },
};

/** So small that no maximum changes its place, unless two are as near as that. */
const EPSILON = 2 ** -6;

export interface Computed {
  readonly y: readonly number[];
  /** For each window the place of its maximum; in the padded plane where 0 was padded. */
  readonly indices: readonly number[];
  readonly dx: readonly number[];
  readonly check: Check;
  /** Places where two values tie for the maximum: there the gradient has no one value to check. */
  readonly ties: number;
}

export function compute(cg: ConvGrad, state: State): Computed {
  const { kind, size, stride, broken } = state;
  const x: PlainTensor = { shape: [1, 1, SIDE, SIDE], data: Float32Array.from(state.x) };
  const options = { kernel: size, stride, padding: state.padding };
  const right = () => (kind === "max" ? cg.maxPool2d(x, options).y : cg.avgPool2d(x, options));
  const { y, indices, back } =
    broken === "zeroPadding" ? zeroPadded(cg, state) : pooled(cg, state, x);
  const dx = broken === "assign" ? assigned(state, indices, back) : back(state.dy);
  const loss = () => weighted(right().data, Float32Array.from(state.dy));
  const numerical = numericalGradient(x.data, loss, EPSILON);
  const check = compare(dx, numerical);
  const tied = kind === "max" ? tiesOf(state) : new Set<number>();
  const wrong = check.wrong.map((is, at) => is && !tied.has(at));
  const differences = dx.map((value, at) =>
    tied.has(at) ? 0 : Math.abs(value - (numerical[at] as number)),
  );
  const difference = Math.max(...differences);
  return { y, indices, dx, check: { ...check, wrong, difference }, ties: tied.size };
}

interface Pooled {
  readonly y: number[];
  readonly indices: number[];
  /** The gradient of x for given residuals. */
  readonly back: (dy: readonly number[]) => number[];
}

function pooled(cg: ConvGrad, state: State, x: PlainTensor): Pooled {
  const { size, stride, padding } = state;
  const options = { kernel: size, stride, padding };
  const side = outputSide(state);
  const delta = (dy: readonly number[]) => ({
    shape: [1, 1, side, side],
    data: Float32Array.from(dy),
  });
  if (state.kind === "mean") {
    return {
      y: [...cg.avgPool2d(x, options).data],
      indices: [],
      back: (dy) => [...cg.avgPool2dBackward(delta(dy), x.shape, options).data],
    };
  }
  const { y, indices } = cg.maxPool2d(x, options);
  return {
    y: [...y.data],
    indices: [...indices.data],
    back: (dy) => [...cg.maxPool2dBackward(delta(dy), indices, x.shape, options).data],
  };
}

/** The maximum over a plane with zeros around it, as if padding were numbers. */
function zeroPadded(cg: ConvGrad, state: State): Pooled {
  const { padding } = state;
  const side = SIDE + 2 * padding;
  const { data, shape } = paddedX(state);
  const around = { shape, data: Float32Array.from(data) };
  const found = pooled(cg, { ...state, padding: 0 }, around);
  const delta = outputSide(state);
  const options = { kernel: state.size, stride: state.stride };
  const places = { shape: [1, 1, delta, delta], data: Int32Array.from(found.indices) };
  const back = (dy: readonly number[]) => {
    const residual = { shape: places.shape, data: Float32Array.from(dy) };
    const all = cg.maxPool2dBackward(residual, places, shape, options).data;
    return state.x.map((_, at) => {
      const [i, j] = [Math.floor(at / SIDE), at % SIDE];
      return all[(i + padding) * side + j + padding] as number;
    });
  };
  return { ...found, back };
}

/** x with zeros around it, as a grid. */
export function paddedX({ x, padding }: State): Grid {
  const shape = [1, 1, SIDE, SIDE];
  const source: Grid = { id: "x", word: "x", code: "", shape, data: x };
  const side = SIDE + 2 * padding;
  const grid = { id: "xPadded", word: "x_pad", code: "0", operator: "→" };
  return padded(grid, source, [padding, padding], [side, side]);
}

/** Every window's gradient by itself, written over what was there before. */
function assigned(state: State, indices: readonly number[], back: Pooled["back"]): number[] {
  const dx = state.x.map(() => 0);
  for (let window = 0; window < state.dy.length; ++window) {
    const alone = back(state.dy.map((delta, i) => (i === window ? delta : 0)));
    const places = state.kind === "max" ? [indices[window] as number] : windowOf(state, window);
    for (const at of places) dx[at] = alone[at] as number;
  }
  return dx;
}

/** The places of x that a window covers, without its padding. */
export function windowOf(state: State, window: number): readonly number[] {
  const { size, stride, padding } = state;
  const side = outputSide(state);
  const [top, left] = [
    Math.floor(window / side) * stride - padding,
    (window % side) * stride - padding,
  ];
  const places: number[] = [];
  for (let r = 0; r < size; ++r) {
    for (let s = 0; s < size; ++s) {
      const [i, j] = [top + r, left + s];
      if (i >= 0 && i < SIDE && j >= 0 && j < SIDE) places.push(i * SIDE + j);
    }
  }
  return places;
}

function tiesOf(state: State): ReadonlySet<number> {
  const tied = new Set<number>();
  for (let window = 0; window < state.dy.length; ++window) {
    const places = windowOf(state, window);
    const most = Math.max(...places.map((at) => state.x[at] as number));
    const top = places.filter((at) => most - (state.x[at] as number) < 2 * EPSILON);
    if (top.length > 1) for (const at of top) tied.add(at);
  }
  return tied;
}
