// Places in tensors, flat and by their indices; in row-major order.

/** [N, C, H, W] as its four extents. */
export type Shape4 = readonly [number, number, number, number];

export const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** The flat index of a place. */
export const flat = (shape: readonly number[], ...indices: readonly number[]) =>
  indices.reduce((at, index, axis) => at * (shape[axis] as number) + index, 0);

/** The indices of a flat one. */
export function unflat<S extends readonly number[]>(
  shape: S,
  at: number,
): { readonly [axis in keyof S]: number } {
  const indices: number[] = [];
  let rest = at;
  for (const extent of shape.toReversed()) {
    indices.unshift(rest % extent);
    rest = Math.floor(rest / extent);
  }
  return indices as unknown as { readonly [axis in keyof S]: number };
}

/** What there is at every place. */
export const over = <T>(shape: readonly number[], of: (...indices: number[]) => T): T[] =>
  Array.from({ length: sizeOf(shape) }, (_, at) => of(...unflat(shape, at)));
