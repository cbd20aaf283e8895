// The grids that several sections show: what is given to a convolution, and what only moves numbers.
import { type Convolution, type Extents, type Operand, shapesOf } from "./convolution.ts";
import { flat, type Shape4, sizeOf, unflat } from "./indices.ts";
import type { Cell, Figure, Grid, Sum, Term } from "./linked/figure.ts";

/** A sum of products; no product at all is a zero that was put there. */
export const sum = (terms: readonly Term[]): Sum => ({
  kind: terms.length === 0 ? "zero" : "sum",
  terms,
});

/** A grid whose every cell is one of another grid, or a zero. */
export function moved(
  grid: Omit<Grid, "data" | "sumOf">,
  source: Grid,
  from: (at: number) => number | undefined,
): Grid {
  const places = Array.from({ length: sizeOf(grid.shape) }, (_, at) => from(at));
  return {
    ...grid,
    data: places.map((place) => (place === undefined ? 0 : (source.data[place] as number))),
    sumOf: (at) => {
      const place = places[at];
      return sum(place === undefined ? [] : [[{ grid: source.id, at: place }]]);
    },
  };
}

/** Planes with `top` and `left` zeros before them and as many behind as the new extents leave; below 0 they are cut. */
export function padded(
  grid: Omit<Grid, "data" | "sumOf" | "shape">,
  source: Grid,
  [top, left]: readonly [number, number],
  [height, width]: readonly [number, number],
): Grid {
  const shape = source.shape as Shape4;
  const [n, c, h, w] = shape;
  const to: Shape4 = [n, c, height, width];
  return moved({ ...grid, shape: to }, source, (at) => {
    const [m, k, i, j] = unflat(to, at);
    const [y, x] = [i - top, j - left];
    return y >= 0 && y < h && x >= 0 && x < w ? flat(shape, m, k, y, x) : undefined;
  });
}

const LOOKS: Readonly<Record<Operand, Pick<Grid, "word" | "code" | "planes">>> = {
  x: { word: "x", code: "" },
  w: { word: "w", code: "", planes: "filters" },
  b: { word: "b", code: "bias" },
  dy: { word: "δ_in", code: "dy" },
};

/** What is given to a convolution; it can be edited. */
export function operand({ extents, numbers }: Convolution, id: Operand): Grid {
  return {
    id,
    ...LOOKS[id],
    shape: shapesOf(extents)[id],
    data: numbers[id],
    editable: true,
  };
}

/** The input, and with padding the padded input; the last of them is what the kernel meets. */
export function inputs(state: Convolution): { readonly grids: Figure; readonly read: Grid } {
  const x = operand(state, "x");
  const { padding: p, h, w } = state.extents;
  if (p === 0) return { grids: [x], read: x };
  const about = { id: "xPadded", word: "x_pad", code: `padding: ${p}`, operator: "→" };
  const read = padded(about, x, [p, p], [h + 2 * p, w + 2 * p]);
  return { grids: [x, read], read };
}

/** The cell of the (padded) input that kernel weight (r, s) meets at output (i, j). */
export const tap = (
  e: Extents,
  read: Grid,
  [n, c, i, j]: Shape4,
  [r, s]: readonly [number, number],
): Cell => ({
  grid: read.id,
  at: flat(read.shape, n, c, i * e.stride + r * e.dilation, j * e.stride + s * e.dilation),
});

/** Where weight (r, s) of output (i, j) finds its element of the unpadded input plane, if it is in it. */
export function placeIn(
  e: Extents,
  [i, j]: readonly [number, number],
  [r, s]: readonly [number, number],
): readonly [number, number] | undefined {
  const y = i * e.stride - e.padding + r * e.dilation;
  const x = j * e.stride - e.padding + s * e.dilation;
  return y >= 0 && y < e.h && x >= 0 && x < e.w ? [y, x] : undefined;
}

/**
 * Terms that arrive at places one after the other: where they should add up, every one counts; where they
 * overwrite, only the last.
 */
export function arrivals(
  places: number,
  overwrite: boolean,
  arriving: Iterable<readonly [place: number, term: Term]>,
): readonly (readonly Term[])[] {
  const terms: Term[][] = Array.from({ length: places }, () => []);
  for (const [place, term] of arriving) {
    if (overwrite) terms[place] = [term];
    else terms[place]?.push(term);
  }
  return terms;
}
