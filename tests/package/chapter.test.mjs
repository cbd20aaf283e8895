// The chapter's numbers, through the package and by every algorithm. They are small integers, or halves
// and quarters of such, so the comparison is exact.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { algorithms, assertSame, load } from "./support/data.mjs";

const cg = await load();
const upTo = (shape) => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i),
});

function forEachAlgorithm(name, body) {
  for (const algorithm of algorithms) test(`${name}, ${algorithm}`, () => body(algorithm));
}

describe("formulas 1 to 8: a 3x3 input, a 2x2 kernel", () => {
  // Powers of two as inputs, primes as weights: no two of the sums below are alike by chance.
  const a = upTo([1, 1, 3, 3]);
  a.data.set([1, 2, 4, 8, 16, 32, 64, 128, 256]);
  const w = { data: Float32Array.of(3, 5, 7, 11), shape: [1, 1, 2, 2] };
  const b = { data: Float32Array.of(0.5), shape: [1] };
  const at = (row, column) => a.data[(row - 1) * 3 + column - 1];
  const [w11, w12, w21, w22] = w.data;
  const delta = { data: Float32Array.of(13, 17, 19, 23), shape: [1, 1, 2, 2] };
  const [d11, d12, d21, d22] = delta.data;

  forEachAlgorithm("forward (0)-(4)", (algorithm) => {
    const z = (i, j) =>
      w11 * at(i, j) + w12 * at(i, j + 1) + w21 * at(i + 1, j) + w22 * at(i + 1, j + 1) + 0.5;
    const y = cg.conv2d(a, w, { bias: b, algorithm });
    assertSame(y, [1, 1, 2, 2], [z(1, 1), z(1, 2), z(2, 1), z(2, 2)], "z");
  });

  forEachAlgorithm("backward (5)-(8)", (algorithm) => {
    const { dx, dw, db } = cg.conv2dBackward(delta, a, w, { algorithm });
    assertSame(
      dx,
      [1, 1, 3, 3],
      [
        d11 * w11, // (5)
        d11 * w12 + d12 * w11, // (6)
        d12 * w12,
        d11 * w21 + d21 * w11,
        d11 * w22 + d12 * w21 + d21 * w12 + d22 * w11, // (7)
        d12 * w22 + d22 * w12,
        d21 * w21,
        d21 * w22 + d22 * w21,
        d22 * w22,
      ],
      "dx",
    );
    // (8): delta_out = delta_in, with N - 1 circles of zeros, convolved with the rotated kernel.
    const byFormula = cg.conv2d(delta, cg.rot180(w), { padding: 1, algorithm });
    assertSame(byFormula, dx.shape, dx.data, "formula 8");
    const gradient = (i, j) =>
      d11 * at(i, j) + d12 * at(i, j + 1) + d21 * at(i + 1, j) + d22 * at(i + 1, j + 1);
    const expected = [gradient(1, 1), gradient(1, 2), gradient(2, 1), gradient(2, 2)];
    assertSame(dw, [1, 1, 2, 2], expected, "dw");
    assertSame(db, [1], [d11 + d12 + d21 + d22], "db");
  });

  forEachAlgorithm("padding N - 1 for N = 2, 3, 5; 10x8 by 5x5 is 6x4 and back", (algorithm) => {
    for (const n of [2, 3, 5]) {
      const x = upTo([1, 1, 10, 8]);
      const kernel = upTo([1, 1, n, n]);
      const y = cg.conv2d(x, kernel, { algorithm });
      assert.deepEqual(y.shape, [1, 1, 10 - n + 1, 8 - n + 1]);
      const dy = upTo(y.shape);
      const { dx } = cg.conv2dBackward(dy, x, kernel, { algorithm });
      const back = cg.conv2d(dy, cg.rot180(kernel), { padding: n - 1, algorithm });
      assertSame(back, [1, 1, 10, 8], dx.data, `N = ${n}`);
    }
  });
});

describe("the single-sample example", () => {
  const x = upTo([1, 1, 3, 3]);
  const w = upTo([1, 1, 2, 2]);
  const deltaIn = upTo([1, 1, 2, 2]);

  test("img2col and col2img", () => {
    const col = cg.im2col(x, { kernel: 2 });
    assertSame(col, [4, 4], [0, 1, 3, 4, 1, 2, 4, 5, 3, 4, 6, 7, 4, 5, 7, 8], "col_x");
    const dcol = {
      data: Float32Array.of(0, 0, 0, 0, 0, 1, 2, 3, 0, 2, 4, 6, 0, 3, 6, 9),
      shape: [4, 4],
    };
    const deltaOut = cg.col2im(dcol, x.shape, { kernel: 2 });
    assertSame(deltaOut, [1, 1, 3, 3], [0, 0, 1, 0, 4, 6, 4, 12, 9], "delta_out");
  });

  forEachAlgorithm("forward and backward", (algorithm) => {
    assertSame(cg.conv2d(x, w, { algorithm }), [1, 1, 2, 2], [19, 25, 37, 43], "forward");
    const { dx, dw, db } = cg.conv2dBackward(deltaIn, x, w, { algorithm, reduction: "mean" });
    assertSame(db, [1], [6], "dB");
    assertSame(dw, [1, 1, 2, 2], [19, 25, 37, 43], "dW");
    assertSame(dx, [1, 1, 3, 3], [0, 0, 1, 0, 4, 6, 4, 12, 9], "delta_out");
  });
});

describe("the batch example", () => {
  const x = upTo([2, 3, 3, 3]);
  const w = upTo([2, 3, 2, 2]);
  const deltaIn = upTo([2, 2, 2, 2]);
  const dW = [
    [564, 586, 630, 652, 762, 784, 828, 850, 960, 982, 1026, 1048],
    [812, 850, 926, 964, 1154, 1192, 1268, 1306, 1496, 1534, 1610, 1648],
  ].flat();
  const deltaOut = [
    [48, 112, 66, 128, 296, 172, 88, 200, 114],
    [64, 152, 90, 176, 408, 236, 120, 272, 154],
    [80, 192, 114, 224, 520, 300, 152, 344, 194],
    [144, 320, 178, 352, 776, 428, 216, 472, 258],
    [224, 488, 266, 528, 1144, 620, 312, 672, 362],
    [304, 656, 354, 704, 1512, 812, 408, 872, 466],
  ].flat();
  const dcol = [
    [48, 52, 56, 60, 64, 68, 72, 76, 80, 84, 88, 92],
    [60, 66, 72, 78, 84, 90, 96, 102, 108, 114, 120, 126],
    [72, 80, 88, 96, 104, 112, 120, 128, 136, 144, 152, 160],
    [84, 94, 104, 114, 124, 134, 144, 154, 164, 174, 184, 194],
    [144, 164, 184, 204, 224, 244, 264, 284, 304, 324, 344, 364],
    [156, 178, 200, 222, 244, 266, 288, 310, 332, 354, 376, 398],
    [168, 192, 216, 240, 264, 288, 312, 336, 360, 384, 408, 432],
    [180, 206, 232, 258, 284, 310, 336, 362, 388, 414, 440, 466],
  ];

  forEachAlgorithm("backward, divided by the batch", (algorithm) => {
    const o = { algorithm, reduction: "mean" };
    const { dx, dw, db } = cg.conv2dBackward(deltaIn, x, w, o);
    assertSame(dw, [2, 3, 2, 2], dW, "dW");
    assertSame(dx, [2, 3, 3, 3], deltaOut, "delta_out");
    assertSame(db, [2], [(0 + 1 + 2 + 3 + 8 + 9 + 10 + 11) / 2, (4 + 5 + 6 + 7 + 54) / 2], "dB");
    const sum = cg.conv2dBackward(deltaIn, x, w, { algorithm });
    assertSame(
      sum.dw,
      dw.shape,
      dW.map((value) => value * 2),
      "summed",
    );
    assertSame(sum.dx, dx.shape, dx.data, "delta_out is never divided");
  });

  test("dcol comes back to delta_out by col2img", () => {
    const col = { data: Float32Array.from(dcol.flat()), shape: [8, 12] };
    assertSame(cg.col2im(col, x.shape, { kernel: 2 }), x.shape, deltaOut, "delta_out");
  });
});

describe("pooling", () => {
  // Four 2x2 windows; the maxima stand at each of the window's places once.
  const x = {
    data: Float32Array.of(1, 2, 9, 4, 3, 5, 6, 8, 7, 0, 1, 3, 2, 6, 4, 2),
    shape: [1, 1, 4, 4],
  };
  const [a, b, c, d] = [1, 2, 4, 8];
  const delta = { data: Float32Array.of(a, b, c, d), shape: [1, 1, 2, 2] };

  forEachAlgorithm("maximum, stride 2: the gradient goes where the maximum was", (algorithm) => {
    const o = { kernel: 2, stride: 2, algorithm };
    const { y, indices } = cg.maxPool2d(x, o);
    assertSame(y, [1, 1, 2, 2], [5, 9, 7, 4], "forward");
    assertSame(indices, [1, 1, 2, 2], [5, 2, 8, 14], "places");
    const dx = cg.maxPool2dBackward(delta, indices, x.shape, o);
    assertSame(dx, x.shape, [0, 0, b, 0, 0, a, 0, 0, c, 0, 0, 0, 0, 0, d, 0], "backward");
  });

  forEachAlgorithm("mean, stride 2: the gradient is spread over the window", (algorithm) => {
    const o = { kernel: 2, algorithm };
    assertSame(cg.avgPool2d(x, o), [1, 1, 2, 2], [11 / 4, 27 / 4, 15 / 4, 10 / 4], "forward");
    const [p, q, r, s] = [a, b, c, d].map((value) => value / 4);
    const expected = [p, p, q, q, p, p, q, q, r, r, s, s, r, r, s, s];
    assertSame(cg.avgPool2dBackward(delta, x.shape, o), x.shape, expected, "backward");
  });

  forEachAlgorithm("stride 1: windows overlap, gradients add", (algorithm) => {
    const o = { kernel: 2, stride: 1, algorithm };
    const { y, indices } = cg.maxPool2d(x, o);
    assertSame(y, [1, 1, 3, 3], [5, 9, 9, 7, 6, 8, 7, 6, 4], "forward");
    const ones = { data: new Float32Array(9).fill(1), shape: [1, 1, 3, 3] };
    const dx = cg.maxPool2dBackward(ones, indices, x.shape, o);
    assertSame(dx, x.shape, [0, 0, 2, 0, 0, 1, 1, 1, 2, 0, 0, 0, 0, 1, 1, 0], "maximum");
    const mean = cg.avgPool2dBackward(ones, x.shape, o);
    const expected = [1, 2, 2, 1, 2, 4, 4, 2, 2, 4, 4, 2, 1, 2, 2, 1].map((count) => count / 4);
    assertSame(mean, x.shape, expected, "mean");
  });

  forEachAlgorithm("W2 = (W1 - F) / S + 1", (algorithm) => {
    for (const [w1, f, s] of [
      [28, 2, 2],
      [7, 3, 2],
      [10, 4, 3],
      [9, 1, 4],
    ]) {
      const { y } = cg.maxPool2d(upTo([1, 2, w1, w1]), { kernel: f, stride: s, algorithm });
      const w2 = (w1 - f) / s + 1;
      assert.deepEqual(y.shape, [1, 2, w2, w2]);
    }
  });
});

describe("the two performance tests agree, method by method", () => {
  const normal = (shape, seed) => {
    let state = seed;
    const uniform = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return (state + 0.5) / 2 ** 32;
    };
    const data = Float32Array.from(
      { length: shape.reduce((p, q) => p * q, 1) },
      () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
    );
    return { data, shape };
  };
  const x = normal([64, 3, 28, 28], 1);

  /** Against the double-precision reference: 4 · 2⁻²³ of the largest sum of terms there can be. */
  const assertNear = (actual, expected, terms, what) => {
    actual.data.forEach((value, i) => {
      const error = Math.abs(value - expected.data[i]);
      assert.ok(error <= 4 * 2 ** -23 * terms, `${what}[${i}]: ${value}, ${expected.data[i]}`);
    });
  };

  test("convolution: forward, backward, dW, dB", () => {
    const w = normal([4, 3, 3, 3], 2);
    const dy = { data: new Float32Array(64 * 4 * 28 * 28).fill(1), shape: [64, 4, 28, 28] };
    const run = (algorithm) => ({
      y: cg.conv2d(x, w, { padding: 1, algorithm }),
      ...cg.conv2dBackward(dy, x, w, { padding: 1, algorithm, reduction: "mean" }),
    });
    const expected = run("reference");
    const magnitude = (data) => data.reduce((sum, value) => sum + Math.abs(value), 0);
    const [all, weights] = [magnitude(x.data), magnitude(w.data)];
    const largest = x.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    for (const algorithm of ["direct", "im2col", "auto"]) {
      const actual = run(algorithm);
      assertNear(actual.y, expected.y, (largest * weights) / 2, `${algorithm} forward`);
      assertNear(actual.dx, expected.dx, weights, `${algorithm} backward`);
      assertNear(actual.dw, expected.dw, all / 3 / 64, `${algorithm} dW`);
      assertNear(actual.db, expected.db, 28 * 28, `${algorithm} dB`);
    }
  });

  test("maximum pooling: forward and backward", () => {
    const run = (algorithm) => {
      const o = { kernel: 2, algorithm };
      const { y, indices } = cg.maxPool2d(x, o);
      return [y, cg.maxPool2dBackward(y, indices, x.shape, o)];
    };
    const expected = run("reference");
    for (const algorithm of ["direct", "im2col", "auto"]) {
      assert.deepEqual(run(algorithm), expected, algorithm);
    }
  });
});
