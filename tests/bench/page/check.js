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
