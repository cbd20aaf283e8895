// Convolution by Winograd's algorithms: F(2x2, 3x3) bit for bit on small integers, both within their
// tolerance on reals, dw and db as by "direct". The elements of an output tile come from shared sums,
// so the largest of their sums of terms scales the tolerance of all.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { assertClose, builds, generator, integers, load, reals } from "./support/data.mjs";
import * as reference from "./support/reference.mjs";
import { windowFor } from "./support/shapes.mjs";

const shapes = [
  { name: "no padding", x: [2, 3, 7, 9], w: [4, 3, 3, 3] },
  { name: "padding", x: [1, 5, 8, 33], w: [7, 5, 3, 3], options: { padding: 1 } },
  { name: "same", x: [3, 2, 5, 6], w: [11, 2, 3, 3], options: { padding: "same" } },
  { name: "wide padding", x: [1, 2, 4, 5], w: [3, 2, 3, 3], options: { padding: [4, 0, 1, 3] } },
  { name: "groups", x: [2, 6, 5, 5], w: [4, 3, 3, 3], options: { groups: 2, padding: 1 } },
  { name: "many channels", x: [1, 300, 6, 6], w: [6, 300, 3, 3], options: { padding: 1 } },
  { name: "one position, large stride", x: [2, 3, 3, 3], w: [2, 3, 3, 3], options: { stride: 5 } },
  { name: "no batch at all", x: [0, 3, 5, 5], w: [4, 3, 3, 3] },
];
const algorithms = [
  { algorithm: "winograd", tile: 2, bound: 4, exactOnIntegers: true },
  { algorithm: "winograd4", tile: 4, bound: 32, exactOnIntegers: false },
];

/** The sums of terms of [n, c, h, w], the largest of each tile in place of all. */
function termsOfTiles({ shape: [, , h, w], terms }, tile) {
  const corner = (i) => {
    const column = i % w;
    const row = (i - column) / w;
    return (row - ((row % h) % tile)) * w + column - (column % tile);
  };
  const largest = new Map();
  terms.forEach((value, i) => {
    largest.set(corner(i), Math.max(value, largest.get(corner(i)) ?? 0));
  });
  return terms.map((_, i) => largest.get(corner(i)));
}

function assertMaps(actual, expected, { tile, bound, exactOnIntegers }, onIntegers, what) {
  if (onIntegers && exactOnIntegers) {
    assertClose(actual, expected, what, { exact: true });
    return;
  }
  assert.deepEqual([...actual.shape], [...expected.shape], what);
  const terms = termsOfTiles(expected, tile);
  actual.data.forEach((value, i) => {
    const error = Math.abs(value - expected.data[i]);
    assert.ok(error <= bound * 2 ** -23 * terms[i], `${what}: element ${i} is ${value}`);
  });
}

for (const simd of builds) {
  const cg = await load({ simd });
  describe(`the ${simd} build`, () => {
    for (const [seed, { name, x: xShape, w: wShape, options = {} }] of shapes.entries()) {
      const { groups = 1 } = options;
      const window = windowFor(xShape, wShape.slice(2), options);
      for (const fill of [integers, reals]) {
        const next = generator(seed);
        const [x, w, bias] = [fill(xShape, next), fill(wShape, next), fill([wShape[0]], next)];
        const y = reference.conv2d(x, w, bias, window, groups);
        const dy = fill(y.shape, next);
        const gradients = reference.conv2dBackward(dy, x, w, window, groups);
        for (const way of algorithms) {
          const what = `${name}, ${fill.name}, ${way.algorithm}`;
          test(what, () => {
            const o = { ...options, algorithm: way.algorithm };
            const onIntegers = fill === integers;
            assertMaps(cg.conv2d(x, w, { ...o, bias }), y, way, onIntegers, `${what} y`);
            const { dx, dw, db } = cg.conv2dBackward(dy, x, w, o);
            assertMaps(dx, gradients.dx, way, onIntegers, `${what} dx`);
            assertClose(dw, gradients.dw, `${what} dw`, { exact: onIntegers });
            assertClose(db, gradients.db, `${what} db`, { exact: onIntegers });
          });
        }
      }
    }

    test("padding contributes nothing, not even against infinite weights", () => {
      const x = { data: new Float32Array(9).fill(1), shape: [1, 1, 3, 3] };
      const w = { data: new Float32Array(9).fill(Infinity), shape: [1, 1, 3, 3] };
      for (const { algorithm } of algorithms) {
        const y = cg.conv2d(x, w, { padding: 1, algorithm });
        assert.deepEqual([...y.data], new Array(9).fill(Infinity), algorithm);
      }
    });

    after(() => assert.equal(cg.memory().tensors, 0));
  });
}
