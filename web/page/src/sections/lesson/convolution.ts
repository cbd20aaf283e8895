// What the sections on convolution share: its extents, which of them are legal together, and its numbers.
import type { PlainTensor } from "convgrad";
import { flat, sizeOf, unflat } from "./indices.ts";

export interface Extents {
  readonly n: number;
  readonly c: number;
  readonly h: number;
  readonly w: number;
  readonly k: number;
  readonly r: number;
  readonly s: number;
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
}

/** The numbers of a convolution: input, kernels, biases, and the error that comes back. */
export interface Numbers {
  readonly x: readonly number[];
  readonly w: readonly number[];
  readonly b: readonly number[];
  readonly dy: readonly number[];
}

export interface Convolution {
  readonly extents: Extents;
  readonly numbers: Numbers;
}

export type Operand = keyof Numbers;

/** Small enough that every number can be read. */
export const MOST: Extents = {
  n: 2,
  c: 3,
  h: 7,
  w: 7,
  k: 2,
  r: 4,
  s: 4,
  stride: 3,
  padding: 3,
  dilation: 2,
};

const span = (kernel: number, dilation: number) => dilation * (kernel - 1) + 1;
const outputs = (extent: number, kernel: number, { stride, padding, dilation }: Extents) =>
  Math.floor((extent + 2 * padding - span(kernel, dilation)) / stride) + 1;

export const outputHeight = (e: Extents) => outputs(e.h, e.r, e);
export const outputWidth = (e: Extents) => outputs(e.w, e.s, e);

export const shapesOf = (e: Extents) => ({
  x: [e.n, e.c, e.h, e.w] as const,
  w: [e.k, e.c, e.r, e.s] as const,
  b: [e.k] as const,
  dy: [e.n, e.k, outputHeight(e), outputWidth(e)] as const,
});

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** What each extent may be, given the others, so that the window fits into the padded input. */
export function boundsOf(e: Extents, most = MOST): Readonly<Record<keyof Extents, Bounds>> {
  const { padding, dilation } = e;
  const [spanH, spanW] = [span(e.r, dilation), span(e.s, dilation)];
  const kernelFits = (extent: number, most: number) =>
    Math.min(most, Math.floor((extent + 2 * padding - 1) / dilation) + 1);
  const dilationFits = (extent: number, kernel: number) =>
    kernel === 1 ? most.dilation : Math.floor((extent + 2 * padding - 1) / (kernel - 1));
  return {
    n: { min: 1, max: most.n },
    c: { min: 1, max: most.c },
    k: { min: 1, max: most.k },
    h: { min: Math.max(1, spanH - 2 * padding), max: most.h },
    w: { min: Math.max(1, spanW - 2 * padding), max: most.w },
    r: { min: 1, max: kernelFits(e.h, most.r) },
    s: { min: 1, max: kernelFits(e.w, most.s) },
    stride: { min: 1, max: most.stride },
    padding: {
      min: Math.max(0, Math.ceil((spanH - e.h) / 2), Math.ceil((spanW - e.w) / 2)),
      max: most.padding,
    },
    dilation: {
      min: 1,
      max: Math.max(1, Math.min(most.dilation, dilationFits(e.h, e.r), dilationFits(e.w, e.s))),
    },
  };
}

/** 0, 1, 2, …; but one number alone is 1: of 0 there would be nothing to see. */
const counting = (count: number) =>
  count === 1 ? [1] : Array.from({ length: count }, (_, i) => i);

/** A convolution filled as the chapter fills its examples: 0, 1, 2, …; the biases are 0. */
export function convolution(extents: Extents): Convolution {
  const { x, w, b, dy } = shapesOf(extents);
  const numbers = {
    x: counting(sizeOf(x)),
    w: counting(sizeOf(w)),
    b: b.flatMap((k) => Array<number>(k).fill(0)),
    dy: counting(sizeOf(dy)),
  };
  return { extents, numbers };
}

/** With other extents: what was set stays where it was, as far as there is room for it. */
export function resize<C extends Convolution>(before: C, changes: Partial<Extents>): C {
  const extents = { ...before.extents, ...changes };
  const fresh = convolution(extents);
  const [from, to] = [shapesOf(before.extents), shapesOf(extents)];
  const initial = convolution(before.extents).numbers;
  const carry = (name: Operand): readonly number[] => {
    const values = before.numbers[name];
    if (values.every((value, i) => value === initial[name][i])) return fresh.numbers[name];
    return fresh.numbers[name].map((value, at) => {
      const old = positionIn(from[name], to[name], at);
      return old === undefined ? value : (values[old] as number);
    });
  };
  const numbers = { x: carry("x"), w: carry("w"), b: carry("b"), dy: carry("dy") };
  return { ...before, extents, numbers };
}

/** Where the element `at` of a tensor of shape `to` is in one of shape `from`, if it has such a place. */
function positionIn(
  from: readonly number[],
  to: readonly number[],
  at: number,
): number | undefined {
  const indices = unflat(to, at);
  const fits = indices.every((index, axis) => index < (from[axis] as number));
  return fits ? flat(from, ...indices) : undefined;
}

/** With one number changed. */
export function edit<C extends Convolution>(before: C, name: string, at: number, value: number): C {
  if (!(name in before.numbers)) return before;
  const operand = name as Operand;
  const numbers = { ...before.numbers, [operand]: before.numbers[operand].with(at, value) };
  return { ...before, numbers };
}

/** The tensors, as the package takes them. */
export function tensorsOf({ extents, numbers }: Convolution): Record<Operand, PlainTensor> {
  const shapes = shapesOf(extents);
  const tensor = (name: Operand): PlainTensor => ({
    shape: shapes[name],
    data: Float32Array.from(numbers[name]),
  });
  return { x: tensor("x"), w: tensor("w"), b: tensor("b"), dy: tensor("dy") };
}

/** How the package's calls name the window. */
export const windowOf = ({ stride, padding, dilation }: Extents) => ({ stride, padding, dilation });
