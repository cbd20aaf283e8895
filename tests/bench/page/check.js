const ulp = 2 ** -23;

/** Throws where |actual - expected| > bound · 2⁻²³ · scale anywhere, or an element is missing. */
export function compare(what, actual, expected, { scale, bound }) {
  if (actual.length !== expected.length) {
    throw new Error(`${what}: ${actual.length} elements instead of ${expected.length}`);
  }
  for (let i = 0; i < expected.length; i++) {
    const off = Math.abs(actual[i] - expected[i]);
    if (!(off <= bound * ulp * scale[i])) {
      throw new Error(`${what}: element ${i} is ${actual[i]} instead of ${expected[i]}`);
    }
  }
}

/**
 * Sizes of terms for results whose cells share sums with the others of their tile x tile square of the
 * map, as Winograd's do: the largest of the square, for each of them.
 */
export function spreadOverTiles({ data, shape }, tile) {
  const [h, w] = shape.slice(-2);
  const largest = new Map();
  const square = (i) => {
    const row = Math.floor((i % (h * w)) / w);
    return `${Math.floor(i / (h * w))} ${Math.floor(row / tile)} ${Math.floor((i % w) / tile)}`;
  };
  for (let i = 0; i < data.length; i++) {
    const key = square(i);
    largest.set(key, Math.max(largest.get(key) ?? 0, data[i]));
  }
  return data.map((_, i) => largest.get(square(i)));
}
