// The chapter's worked examples as data: what the package computes, beside what the chapter prints.
import type { ConvGrad, PlainTensor } from "convgrad";
import type { zh } from "../text.zh.ts";

export type ExampleId = "formulas" | "padding" | "single" | "batch" | "pooling";

/** Names the sentence that introduces a part. */
export type NoteId = keyof typeof zh.note;

/** An example with everything in it computed. */
export interface Worked {
  readonly id: ExampleId;
  readonly parts: readonly Part[];
}

export type Part = TensorPart | FormulaPart | SizePart | RemarkPart;

/** What a tensor is held against: the chapter's print, its rule in words, or a second computation. */
export type Origin = "printed" | "rule" | "otherWay";

/** How the outer two of four extents are called. */
export type Planes = "maps" | "filters";

export interface TensorPart {
  readonly kind: "tensor";
  readonly note: NoteId;
  /** The chapter's name for it. */
  readonly word: string;
  /** The call that made it. */
  readonly code: string;
  readonly planes: Planes;
  readonly shape: readonly number[];
  readonly data: readonly number[];
  readonly expected?: { readonly data: readonly number[]; readonly origin: Origin };
  /** undefined where there is nothing to hold it against: given data. */
  readonly agrees: boolean | undefined;
}

/** One product of a formula, by name and by value. */
export interface Term {
  readonly names: readonly [string, string];
  readonly values: readonly [number, number];
}

/** A formula with every term written out, and the package's value for its left side. */
export interface FormulaPart {
  readonly kind: "formula";
  /** The number it has in the chapter; the last ones have none: "and likewise for all". */
  readonly number: string;
  readonly name: string;
  readonly terms: readonly Term[];
  /** The bias, where there is one. */
  readonly constant?: { readonly name: string; readonly value: number };
  readonly sum: number;
  readonly computed: number;
  readonly agrees: boolean;
}

/** A sentence between the others. */
export interface RemarkPart {
  readonly kind: "remark";
  readonly note: NoteId;
  readonly agrees: undefined;
}

/** Extents along a computation, each step "height×width". */
export interface SizePart {
  readonly kind: "size";
  readonly note: NoteId;
  readonly steps: readonly { readonly label: string; readonly size: readonly number[] }[];
  readonly agrees: boolean;
}

interface Given {
  readonly note: NoteId;
  readonly word: string;
  readonly code?: string;
  readonly planes?: Planes;
}

/** A tensor that the example starts from. */
export function given(part: Given, { data, shape }: AnyPlain): TensorPart {
  return {
    kind: "tensor",
    planes: "maps",
    code: "",
    ...part,
    shape,
    data: [...data],
    agrees: undefined,
  };
}

/** A computed tensor, held against `expected` exactly: small integers leave no room for rounding. */
export function shown(
  part: Given,
  { data, shape }: AnyPlain,
  expected: ArrayLike<number>,
  origin: Origin = "printed",
): TensorPart {
  const wanted = Array.from(expected);
  const agrees = data.length === wanted.length && wanted.every((value, i) => value === data[i]);
  return {
    ...given(part, { data, shape }),
    expected: { data: wanted, origin },
    agrees,
  };
}

/** Any tensor whose elements are only read. */
export interface AnyPlain {
  readonly data: Float32Array | Int32Array;
  readonly shape: readonly number[];
}

export const tensor = (shape: readonly number[], values: Iterable<number>): PlainTensor => ({
  shape,
  data: Float32Array.from(values),
});

/** 0, 1, 2, … (or from `first`), as the chapter fills its examples. */
export function counting(shape: readonly number[], first = 0): PlainTensor {
  const count = shape.reduce((a, b) => a * b, 1);
  return tensor(
    shape,
    Array.from({ length: count }, (_, i) => first + i),
  );
}

export function transposed({ data, shape }: PlainTensor): PlainTensor {
  const [rows, columns] = shape as readonly [number, number];
  const turned = new Float32Array(data.length);
  for (let i = 0; i < rows; ++i) {
    for (let j = 0; j < columns; ++j) turned[j * rows + i] = data[i * columns + j] as number;
  }
  return { shape: [columns, rows], data: turned };
}

/**
 * a[M, L] · b[L, P], computed by the package: a product of matrices is a 1×1 convolution, the rows of
 * a its pixels, L its channels, the columns of b its filters.
 */
export function product(cg: ConvGrad, a: PlainTensor, b: PlainTensor): PlainTensor {
  const [m, l] = a.shape as readonly [number, number];
  const p = b.shape[1] as number;
  const x = { shape: [1, l, m, 1], data: transposed(a).data };
  const w = { shape: [p, l, 1, 1], data: transposed(b).data };
  const { data } = cg.conv2d(x, w);
  return transposed({ shape: [p, m], data });
}

/** Channels last, one row for each output position: the chapter's transpose(0, 2, 3, 1).reshape(-1, K). */
export function rowsOfPositions({ data, shape }: PlainTensor): PlainTensor {
  const [n, k, h, w] = shape as readonly [number, number, number, number];
  const area = h * w;
  const rows = new Float32Array(data.length);
  for (let i = 0; i < n; ++i) {
    for (let c = 0; c < k; ++c) {
      for (let at = 0; at < area; ++at) {
        rows[(i * area + at) * k + c] = data[(i * k + c) * area + at] as number;
      }
    }
  }
  return { shape: [n * area, k], data: rows };
}

/** Zeros around every plane, made by the package: a convolution with the 1×1 kernel 1, padded. */
export function padded(cg: ConvGrad, plane: PlainTensor, padding: number): PlainTensor {
  return cg.conv2d(plane, tensor([1, 1, 1, 1], [1]), { padding });
}
