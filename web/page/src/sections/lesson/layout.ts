// Grids that only move numbers: padded, with zeros in between, turned, reshaped.
import type { Grid, Sum } from "./linked/figure.ts";

export const ZERO: Sum = { kind: "zero", terms: [] };

/** [N, C, H, W] as its four extents. */
export type Shape4 = readonly [number, number, number, number];

/** Flat index in a tensor of four extents. */
export const flat = ([, c, h, w]: Shape4, n: number, k: number, i: number, j: number) =>
  ((n * c + k) * h + i) * w + j;

/** The four indices of a flat one. */
export function unflat([, c, h, w]: Shape4, at: number): Shape4 {
  const [j, i, k] = [at % w, Math.floor(at / w) % h, Math.floor(at / (w * h)) % c];
  return [Math.floor(at / (w * h * c)), k, i, j];
}

/** A grid whose every cell is one of another grid, or a zero. */
export function moved(
  grid: Omit<Grid, "data" | "sumOf">,
  source: Grid,
  from: (at: number) => number | undefined,
): Grid {
  const count = grid.shape.reduce((a, b) => a * b, 1);
  const places = Array.from({ length: count }, (_, at) => from(at));
  return {
    ...grid,
    data: places.map((place) => (place === undefined ? 0 : (source.data[place] as number))),
    sumOf: (at) => {
      const place = places[at];
      return place === undefined
        ? ZERO
        : { kind: "sum", terms: [[{ grid: source.id, at: place }]] };
    },
  };
}

/** Planes with `top` and `left` zeros before them and as many behind as the new extents leave; below 0 they are cut. */
export function padded(
  grid: Omit<Grid, "data" | "sumOf" | "shape">,
  source: Grid,
  top: number,
  left: number,
  height: number,
  width: number,
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
