// Seeded data, comparison, and the package under test.
import assert from "node:assert/strict";

import { relaxedSimd } from "wasm-feature-detect";

export { ConvGradError, load, version } from "../../../dist/index.js";

/** The builds that this engine can run. */
export const builds = (await relaxedSimd()) ? ["baseline", "relaxed"] : ["baseline"];

export const algorithms = ["auto", "direct", "im2col", "reference"];

export const countOf = (shape) => shape.reduce((product, extent) => product * extent, 1);

/** Numbers in [0, 1) that are the same in every run. */
export function generator(seed) {
  let state = seed >>> 0;
  return () => {
    // The 32-bit mixer of splitmix, by its published constants.
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return ((z ^ (z >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** Small integers: every order of summation gives the same sum. */
export function integers(shape, next) {
  const data = Float32Array.from({ length: countOf(shape) }, () => Math.floor(next() * 9) - 4);
  return { data, shape };
}

/** Signed reals in [-1, 1). */
export function reals(shape, next) {
  return { data: Float32Array.from({ length: countOf(shape) }, () => next() * 2 - 1), shape };
}

/** In one place, so that every test means the same by it: 4 · 2⁻²³ · Σ|terms|. */
export const tolerance = (terms) => 4 * 2 ** -23 * terms;

/** Compares with a reference result; bit for bit with `exact`, else by the scaled tolerance. */
export function assertClose(actual, expected, what, { exact = false } = {}) {
  assert.deepEqual([...actual.shape], [...expected.shape], `${what}: shape`);
  assert.equal(actual.data.length, expected.data.length, `${what}: length`);
  for (let i = 0; i < expected.data.length; ++i) {
    const [is, should] = [actual.data[i], expected.data[i]];
    const same =
      Object.is(is + 0, Math.fround(should) + 0) ||
      (!exact && Math.abs(is - should) <= tolerance(expected.terms[i]));
    if (!same) assert.fail(`${what}: element ${i} is ${is}, expected ${should}`);
  }
}

export function assertSame(actual, shape, values, what) {
  assert.deepEqual([...actual.shape], [...shape], `${what}: shape`);
  assert.deepEqual([...actual.data], [...values], what);
}
