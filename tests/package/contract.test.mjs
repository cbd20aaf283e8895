// Every operation by every algorithm, resident and plain, in every build that this Node can run, against
// the reference of this folder: bit for bit on small integers, within the scaled tolerance on reals.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import {
  algorithms,
  assertClose,
  builds,
  countOf,
  generator,
  integers,
  load,
  reals,
} from "./support/data.mjs";
import * as reference from "./support/reference.mjs";
import { convolutions, poolings, windowFor } from "./support/shapes.mjs";

for (const simd of builds) {
  const cg = await load({ simd });
  describe(`the ${simd} build`, () => contract(cg));
}

function contract(cg) {
  const fills = [
    { fill: integers, exact: true, of: "integers" },
    { fill: reals, exact: false, of: "reals" },
  ];

  // Everything a test makes resident is disposed of here, so that the last check can ask for zero.
  const made = [];
  const resident = ({ data, shape }) => {
    const tensor = cg.tensor(shape, data);
    made.push(tensor);
    return tensor;
  };
  const plain = (tensor) => tensor;
  const homes = [
    { place: plain, isResident: false, home: "plain" },
    { place: resident, isResident: true, home: "resident" },
  ];

  const isTensor = (value) => typeof value.dispose === "function";

  function assertHome(result, isResident, what) {
    assert.equal(isTensor(result), isResident, `${what}: resident`);
    if (isTensor(result)) made.push(result);
  }

  /** Calls body(place, isResident, algorithm, what) for every algorithm and both homes. */
  function forEachWay(of, body) {
    for (const algorithm of algorithms) {
      for (const { place, isResident, home } of homes) {
        body(place, isResident, algorithm, `${of}, ${algorithm}, ${home}`);
      }
    }
  }

  after(() => {
    for (const tensor of made) tensor.dispose();
    assert.equal(cg.memory().tensors, 0);
  });

  describe("conv2d", () => {
    for (const [seed, { name, x: xShape, w: wShape, options = {} }] of convolutions.entries()) {
      const window = windowFor(xShape, wShape.slice(2), options);
      const { groups = 1 } = options;
      for (const { fill, exact, of } of fills) {
        const next = generator(seed);
        const [x, w, bias] = [fill(xShape, next), fill(wShape, next), fill([wShape[0]], next)];
        test(`${name}, ${of}: forward`, () => {
          const expected = reference.conv2d(x, w, bias, window, groups);
          const without = reference.conv2d(x, w, null, window, groups);
          forEachWay(of, (place, isResident, algorithm, what) => {
            const o = { ...options, algorithm };
            const y = cg.conv2d(place(x), place(w), { ...o, bias: place(bias) });
            assertHome(y, isResident, what);
            assertClose(y, expected, what, { exact });
            const y0 = cg.conv2d(place(x), place(w), o);
            assertHome(y0, isResident, what);
            assertClose(y0, without, `${what}, no bias`, { exact });
          });
        });
        test(`${name}, ${of}: backward`, () => {
          const yShape = reference.conv2d(x, w, null, window, groups).shape;
          const dy = fill(yShape, next);
          for (const reduction of ["sum", "mean"]) {
            const mean = reduction === "mean";
            const expected = reference.conv2dBackward(dy, x, w, window, groups, mean);
            forEachWay(`${of}, ${reduction}`, (place, isResident, algorithm, what) => {
              const o = { ...options, algorithm, reduction };
              const gradients = cg.conv2dBackward(place(dy), place(x), place(w), o);
              assert.deepEqual(Object.keys(gradients).sort(), ["db", "dw", "dx"]);
              for (const key of ["dx", "dw", "db"]) {
                assertHome(gradients[key], isResident, `${what} ${key}`);
                // A division by N need not be exact.
                const exactly = exact && (!mean || key === "dx");
                assertClose(gradients[key], expected[key], `${what} ${key}`, { exact: exactly });
              }
            });
          }
        });
      }
    }

    test("need: the wanted gradients are the same, the others absent", () => {
      const next = generator(1);
      const [x, w] = [integers([2, 3, 5, 6], next), integers([4, 3, 3, 3], next)];
      const dy = integers([2, 4, 3, 4], next);
      const all = reference.conv2dBackward(dy, x, w, windowFor(x.shape, [3, 3]));
      for (let bits = 0; bits < 8; ++bits) {
        const need = { dx: (bits & 1) > 0, dw: (bits & 2) > 0, db: (bits & 4) > 0 };
        forEachWay(JSON.stringify(need), (place, isResident, algorithm, what) => {
          const o = { need, algorithm };
          const gradients = cg.conv2dBackward(place(dy), place(x), place(w), o);
          const wanted = Object.keys(need).filter((key) => need[key]);
          assert.deepEqual(Object.keys(gradients).sort(), wanted.sort(), what);
          for (const key of wanted) {
            assertHome(gradients[key], isResident, what);
            assertClose(gradients[key], all[key], `${what} ${key}`, { exact: true });
          }
        });
      }
      assert.deepEqual(Object.keys(cg.conv2dBackward(dy, x, w, { need: { dw: false } })), [
        "dx",
        "db",
      ]);
    });

    test("backward takes the forward call's bias along and does not read it", () => {
      const next = generator(2);
      const [x, w] = [integers([1, 1, 3, 3], next), integers([2, 1, 2, 2], next)];
      const dy = integers([1, 2, 2, 2], next);
      const bias = { data: new Float32Array([NaN, NaN]), shape: [2] };
      assert.deepEqual(cg.conv2dBackward(dy, x, w, { bias }), cg.conv2dBackward(dy, x, w));
    });

    test("padding contributes nothing, not even against infinite weights", () => {
      const x = { data: new Float32Array(9).fill(1), shape: [1, 1, 3, 3] };
      const w = { data: new Float32Array(9).fill(Infinity), shape: [1, 1, 3, 3] };
      for (const algorithm of algorithms) {
        const y = cg.conv2d(x, w, { padding: 1, algorithm });
        assert.deepEqual([...y.data], new Array(9).fill(Infinity), algorithm);
      }
    });
  });

  describe("pooling", () => {
    for (const [seed, { name, x: shape, options }] of poolings.entries()) {
      const kernel =
        [options.kernel].flat().length === 2 ? options.kernel : [options.kernel, options.kernel];
      const window = windowFor(shape, kernel, options, kernel);
      const { ceilMode = false } = options;
      for (const { fill, exact, of } of fills) {
        const next = generator(100 + seed);
        const x = fill(shape, next);
        test(`${name}, ${of}: maximum`, () => {
          const expected = reference.maxPool2d(x, window, ceilMode);
          const dy = fill(expected.y.shape, next);
          const dxExpected = reference.maxPool2dBackward(dy, expected.indices, shape);
          forEachWay(of, (place, isResident, algorithm, what) => {
            const o = { ...options, algorithm };
            const { y, indices, ...rest } = cg.maxPool2d(place(x), o);
            assert.deepEqual(rest, {});
            assertHome(y, isResident, what);
            assertHome(indices, isResident, what);
            assertClose(y, expected.y, what, { exact: true });
            assert.ok(indices.data instanceof Int32Array, what);
            assert.deepEqual([...indices.data], [...expected.indices.data], what);
            const dx = cg.maxPool2dBackward(place(dy), indices, shape, o);
            assertHome(dx, isResident, what);
            assertClose(dx, dxExpected, what, { exact });
          });
        });
        for (const countIncludePad of [false, true]) {
          test(`${name}, ${of}: mean, countIncludePad ${countIncludePad}`, () => {
            const modes = { ceilMode, countIncludePad };
            const expected = reference.avgPool2d(x, window, modes);
            const dy = fill(expected.shape, next);
            const dxExpected = reference.avgPool2dBackward(dy, shape, window, modes);
            forEachWay(of, (place, isResident, algorithm, what) => {
              const o = { ...options, algorithm, countIncludePad };
              const y = cg.avgPool2d(place(x), o);
              assertHome(y, isResident, what);
              assertClose(y, expected, what);
              const dx = cg.avgPool2dBackward(place(dy), shape, o);
              assertHome(dx, isResident, what);
              assertClose(dx, dxExpected, what);
            });
          });
        }
      }
    }

    test("maximum: the first wins a tie, NaN everything, padding nothing", () => {
      const shape = [1, 1, 4, 4];
      const [n, m] = [NaN, -Infinity];
      const data = Float32Array.of(5, 5, -1, -2, 5, 5, -3, -1, m, m, 7, n, m, m, n, 9);
      for (const algorithm of algorithms) {
        const { y, indices } = cg.maxPool2d({ data, shape }, { kernel: 2, algorithm });
        assert.deepEqual([...y.data], [5, -1, m, n], algorithm);
        assert.deepEqual([...indices.data], [0, 2, 8, 11], algorithm);
        const padded = cg.maxPool2d(
          { data: new Float32Array(16).fill(-3), shape },
          { kernel: 3, stride: 2, padding: 1, algorithm },
        );
        assert.deepEqual([...padded.y.data], [-3, -3, -3, -3], algorithm);
        assert.deepEqual([...padded.indices.data], [0, 1, 4, 5], algorithm);
      }
    });
  });

  describe("building blocks", () => {
    const shapes = convolutions.filter(({ options = {} }) => options.groups === undefined);
    for (const [seed, { name, x: shape, w, options = {} }] of shapes.entries()) {
      const kernel = w.slice(2);
      const window = windowFor(shape, kernel, options);
      test(`${name}: im2col and col2im`, () => {
        const next = generator(200 + seed);
        const x = reals(shape, next);
        const expected = reference.im2col(x, window);
        const dcol = integers(expected.shape, next);
        const raised = reference.col2im(dcol, shape, window);
        for (const { place, isResident, home } of homes) {
          const col = cg.im2col(place(x), { ...options, kernel });
          assertHome(col, isResident, home);
          assertClose(col, expected, home, { exact: true });
          const dx = cg.col2im(place(dcol), shape, { ...options, kernel });
          assertHome(dx, isResident, home);
          assertClose(dx, raised, home, { exact: true });
        }
      });
    }

    test("rot180 and zeroInsert", () => {
      const next = generator(300);
      for (const shape of [
        [1, 1, 1, 1],
        [2, 3, 2, 5],
        [4, 1, 3, 3],
      ]) {
        const w = reals(shape, next);
        for (const { place, isResident, home } of homes) {
          const rotated = cg.rot180(place(w));
          assertHome(rotated, isResident, home);
          assertClose(rotated, reference.rot180(w), home, { exact: true });
          for (const [stride, pair] of [
            [1, [1, 1]],
            [3, [3, 3]],
            [
              [2, 4],
              [2, 4],
            ],
          ]) {
            const spread = cg.zeroInsert(place(w), stride);
            assertHome(spread, isResident, home);
            assertClose(spread, reference.zeroInsert(w, pair), home, { exact: true });
          }
        }
      }
      const empty = cg.zeroInsert({ data: new Float32Array(0), shape: [0, 2, 3, 4] }, [2, 3]);
      assert.deepEqual(empty, { data: new Float32Array(0), shape: [0, 2, 5, 10] });
    });
  });

  describe("results", () => {
    const next = generator(400);
    const x = integers([2, 2, 4, 4], next);
    const w = integers([3, 2, 3, 3], next);
    const y = reference.conv2d(x, w, null, windowFor(x.shape, [3, 3]));
    const dy = integers(y.shape, next);

    /** An out of this shape with something in it, plain or resident. */
    const holder = (shape, place, Type = Float32Array) =>
      place({ data: new Type(countOf(shape)).fill(77), shape });

    test("are plain as soon as one tensor argument is", () => {
      for (const [a, b] of [
        [resident(x), w],
        [x, resident(w)],
      ]) {
        assertHome(cg.conv2d(a, b), false, "mixed");
      }
      const bias = { data: new Float32Array(3), shape: [3] };
      assertHome(cg.conv2d(resident(x), resident(w), { bias }), false, "plain bias");
      const { indices } = cg.maxPool2d(x, { kernel: 2 });
      const pooled = resident(integers([2, 2, 2, 2], next));
      const dx = cg.maxPool2dBackward(pooled, indices, x.shape, { kernel: 2 });
      assertHome(dx, false, "plain indices");
    });

    test("go to out and are out, wherever it and the arguments live", () => {
      for (const { place: placeIn } of homes) {
        for (const { place: placeOut } of homes) {
          const out = holder(y.shape, placeOut);
          assert.equal(cg.conv2d(placeIn(x), placeIn(w), { out }), out);
          assertClose(out, y, "conv2d", { exact: true });

          const pool = { kernel: 2 };
          const small = [2, 2, 2, 2];
          const window = windowFor(x.shape, [2, 2], pool, 2);
          const max = reference.maxPool2d(x, window);
          const outs = { y: holder(small, placeOut), indices: holder(small, placeOut, Int32Array) };
          const pooled = cg.maxPool2d(placeIn(x), { ...pool, out: outs });
          assert.equal(pooled.y, outs.y);
          assert.equal(pooled.indices, outs.indices);
          assertClose(outs.y, max.y, "maxPool2d", { exact: true });
          assert.deepEqual([...outs.indices.data], [...max.indices.data]);

          const delta = integers(small, generator(5));
          const dxMax = holder(x.shape, placeOut);
          const o = { ...pool, out: dxMax };
          assert.equal(cg.maxPool2dBackward(placeIn(delta), outs.indices, x.shape, o), dxMax);
          assertClose(dxMax, reference.maxPool2dBackward(delta, max.indices, x.shape), "dx");

          const mean = holder(small, placeOut);
          assert.equal(cg.avgPool2d(placeIn(x), { ...pool, out: mean }), mean);
          assertClose(mean, reference.avgPool2d(x, window), "avgPool2d");
          const dxMean = holder(x.shape, placeOut);
          const oMean = { ...pool, out: dxMean };
          assert.equal(cg.avgPool2dBackward(placeIn(delta), x.shape, oMean), dxMean);
          assertClose(dxMean, reference.avgPool2dBackward(delta, x.shape, window), "dx");
        }
      }
    });

    test("go to those outs that are given, the others as without", () => {
      const expected = reference.conv2dBackward(dy, x, w, windowFor(x.shape, [3, 3]));
      for (const { place, isResident } of homes) {
        for (const { place: placeOut } of homes) {
          const out = { dw: holder(w.shape, placeOut) };
          const gradients = cg.conv2dBackward(place(dy), place(x), place(w), { out });
          assert.equal(gradients.dw, out.dw);
          assertHome(gradients.dx, isResident, "dx");
          assertHome(gradients.db, isResident, "db");
          for (const key of ["dx", "dw", "db"]) {
            assertClose(gradients[key], expected[key], key, { exact: true });
          }
        }
        const indices = holder([2, 2, 2, 2], place, Int32Array);
        const pooled = cg.maxPool2d(place(x), { kernel: 2, out: { indices } });
        assert.equal(pooled.indices, indices);
        assertHome(pooled.y, isResident, "y");
      }
    });

    test("that are plain belong to JavaScript: later calls do not touch them", () => {
      const first = cg.conv2d(x, w);
      const before = [...first.data];
      for (let i = 0; i < 10; ++i) cg.conv2d(integers([5, 2, 9, 9], next), w);
      assert.deepEqual([...first.data], before);
      assert.equal(first.data.byteLength, first.data.buffer.byteLength);
    });

    test("do not change their arguments", () => {
      const copies = [x, w, dy].map(({ data }) => [...data]);
      for (const algorithm of algorithms) {
        cg.conv2d(x, w, { algorithm });
        cg.conv2dBackward(dy, x, w, { algorithm });
      }
      assert.deepEqual(
        [x, w, dy].map(({ data }) => [...data]),
        copies,
      );
    });

    test("take arguments in part of a larger buffer, or in the module's own memory", () => {
      const backing = new Float32Array(x.data.length + 10);
      backing.set(x.data, 7);
      const part = { data: backing.subarray(7, 7 + x.data.length), shape: x.shape };
      assertClose(cg.conv2d(part, w), y, "subarray", { exact: true });
      const view = { data: resident(x).data, shape: x.shape };
      const result = cg.conv2d(view, w);
      assertHome(result, false, "view");
      assertClose(result, y, "view", { exact: true });
      assert.deepEqual([...resident({ data: resident(w).data, shape: w.shape }).data], [...w.data]);
    });

    test("take undefined for an option as its default", () => {
      const o = { bias: undefined, stride: undefined, padding: undefined, out: undefined };
      assertClose(cg.conv2d(x, w, o), y, "undefined options", { exact: true });
      assertClose(cg.conv2d(x, w, undefined), y, "no options", { exact: true });
    });
  });
}
