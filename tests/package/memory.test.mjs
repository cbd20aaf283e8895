// Tensors' lives, growth, running out of memory and going on, and that nothing piles up.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assertClose, generator, integers, load } from "./support/data.mjs";
import * as reference from "./support/reference.mjs";
import { windowFor } from "./support/shapes.mjs";
import { limitedTo } from "./support/wasm.mjs";

const MiB = 2 ** 20;
const outOfMemory = { name: "ConvGradError", code: "out-of-memory" };

const next = generator(7);
const x = integers([2, 3, 6, 7], next);
const w = integers([4, 3, 3, 3], next);
const window = windowFor(x.shape, [3, 3], { padding: 1 });
const y = reference.conv2d(x, w, null, window);
const dy = integers(y.shape, next);
const gradients = reference.conv2dBackward(dy, x, w, window);

/** A forward and a backward call, by the algorithms that need memory for themselves too. */
function assertWorks(cg) {
  for (const algorithm of ["direct", "im2col", "reference"]) {
    const o = { padding: 1, algorithm };
    assertClose(cg.conv2d(x, w, o), y, algorithm, { exact: true });
    const { dx, dw, db } = cg.conv2dBackward(dy, x, w, o);
    assertClose(dx, gradients.dx, algorithm, { exact: true });
    assertClose(dw, gradients.dw, algorithm, { exact: true });
    assertClose(db, gradients.db, algorithm, { exact: true });
  }
}

/** Takes tensors of `bytes` until there is no more room, and returns them. */
function fill(cg, bytes) {
  const taken = [];
  for (;;) {
    try {
      taken.push(cg.tensor([bytes / 4]));
    } catch (error) {
      assert.equal(error.code, "out-of-memory");
      return taken;
    }
  }
}

describe("a tensor", () => {
  test("begins as zeros or as a copy, of floats or of integers, of any rank", async () => {
    const cg = await load();
    // Memory that has been used before is not zero by itself.
    cg.tensor([1000], new Float32Array(1000).fill(3)).dispose();
    const zeros = cg.tensor([10, 100]);
    assert.deepEqual([...zeros.data], new Array(1000).fill(0));
    assert.deepEqual(zeros.shape, [10, 100]);
    const data = Float32Array.of(1, -0, NaN, Infinity);
    const floats = cg.tensor([4], data);
    assert.ok(floats.data instanceof Float32Array);
    assert.deepEqual(floats.data, data);
    data[0] = 9;
    assert.equal(floats.data[0], 1);
    const integersOf = cg.tensor([1, 2], Int32Array.of(-1, 2 ** 31 - 1));
    assert.ok(integersOf.data instanceof Int32Array);
    assert.deepEqual([...integersOf.data], [-1, 2 ** 31 - 1]);
    assert.deepEqual([...cg.tensor([]).data], [0]);
    assert.deepEqual([...cg.tensor([0, 5]).data], []);
    assert.equal(zeros.data.byteOffset % 16, 0);
  });

  test("is written through its data, and keeps its shape", async () => {
    const cg = await load();
    const shape = [2, 2];
    const t = cg.tensor(shape);
    t.data[3] = 5;
    t.data.set([1, 2], 1);
    assert.deepEqual([...t.data], [0, 1, 2, 5]);
    shape[0] = 7;
    assert.deepEqual(t.shape, [2, 2]);
    assert.throws(() => {
      t.shape[0] = 7;
    }, TypeError);
  });

  test("is of no use after dispose(), which gives its memory back and may be repeated", async () => {
    const cg = await load();
    const { live } = cg.memory();
    const t = cg.tensor([1, 1, 100, 100]);
    const used = cg.memory();
    assert.equal(used.tensors, 40000);
    assert.ok(used.live >= live + 40000);
    t.dispose();
    t.dispose();
    assert.equal(cg.memory().tensors, 0);
    assert.equal(cg.memory().live, live);
    assert.throws(() => t.data, { code: "disposed" });
    assert.throws(() => cg.rot180(t), { code: "disposed", message: /^rot180: w is a tensor that/ });
    assert.deepEqual(t.shape, [1, 1, 100, 100]);
    // The memory now belongs to another tensor, which the old handle must not free again.
    const second = cg.tensor([1, 1, 100, 100]);
    t.dispose();
    assert.equal(cg.memory().tensors, 40000);
    second.dispose();
  });

  test("can be left to `using`", async () => {
    const cg = await load();
    const key = Symbol.dispose ?? Symbol.for("Symbol.dispose");
    const t = cg.tensor([3]);
    assert.equal(typeof t[key], "function");
    t[key]();
    assert.equal(cg.memory().tensors, 0);
    assert.throws(() => t.data, { code: "disposed" });
  });

  test("belongs to its instance: instances share nothing", async () => {
    const [one, two] = await Promise.all([load(), load()]);
    const t = one.tensor([4], Float32Array.of(1, 2, 3, 4));
    two.tensor([4], Float32Array.of(5, 6, 7, 8));
    assert.deepEqual([...t.data], [1, 2, 3, 4]);
    assert.equal(one.memory().tensors, 16);
    assert.throws(() => two.avgPool2d(t, { kernel: 1 }), { code: "bad-argument" });
  });
});

describe("growth", () => {
  test("leaves tensors whole, and every view asked for after it alive", async () => {
    // On one thread: shared memory, which growth does not detach, has a test in threads.test.mjs.
    const cg = await load({ threads: 1 });
    const t = cg.tensor([4], Float32Array.of(1, 2, 3, 4));
    const old = t.data;
    const { total } = cg.memory();
    const large = cg.tensor([total / 4]);
    assert.ok(cg.memory().total > total);
    assert.equal(old.length, 0, "the engine has detached the old view");
    assert.deepEqual([...t.data], [1, 2, 3, 4]);
    assert.equal(large.data.length, total / 4);
    assertWorks(cg);
  });

  test("in the middle of a call loses no argument, result or view of the module's memory", async () => {
    const cg = await load();
    const { total } = cg.memory();
    const side = Math.ceil(Math.sqrt(total / 8));
    const shape = [1, 1, side, side];
    const t = cg.tensor(shape, integers(shape, generator(3)).data);
    const expected = [...t.data];
    const out = { data: new Float32Array(side * side), shape };
    // Staging for out makes the memory grow while the argument is a view of it.
    cg.avgPool2d({ data: t.data, shape }, { kernel: 1, out, algorithm: "reference" });
    assert.ok(cg.memory().total > total);
    assert.deepEqual([...out.data], expected);
    const resident = cg.avgPool2d(t, { kernel: 1, algorithm: "im2col" });
    assert.deepEqual([...resident.data], expected);
    // A tensor copied from a view of the same memory.
    const before = cg.memory().total;
    const copies = [];
    while (cg.memory().total === before) copies.push(cg.tensor(shape, t.data));
    assert.deepEqual([...copies.at(-1).data], expected);
  });
});

describe("out of memory", () => {
  test("is an error at every place that takes memory, and the next call is right", async () => {
    const cg = await load({ simd: "baseline", wasmBinary: await limitedTo(32 * MiB) });
    const side = 1024;
    const image = { data: new Float32Array(side * side).fill(1), shape: [1, 1, side, side] };
    const kernel = { data: new Float32Array(9).fill(1), shape: [1, 1, 3, 3] };
    const empty = cg.memory().live;

    for (let round = 0; round < 3; ++round) {
      const taken = fill(cg, MiB);
      assert.ok(taken.length > 20 && taken.length < 32);
      assert.equal(cg.memory().tensors, taken.length * MiB);
      // A tensor with data.
      assert.throws(() => cg.tensor(image.shape, image.data), {
        ...outOfMemory,
        message: /^tensor: no memory for \[1, 1, 1024, 1024\]; \d+ bytes of tensors are live$/,
      });
      // Staging.
      assert.throws(() => cg.conv2d(image, kernel), {
        ...outOfMemory,
        message: /^conv2d: no memory to copy \d+ bytes of plain arguments and results/,
      });
      assertWorks(cg);

      // Six mebibytes free: room for the argument, not for the result as well.
      for (const tensor of taken.splice(0, 6)) tensor.dispose();
      const argument = cg.tensor(image.shape, image.data);
      const filters = cg.tensor(kernel.shape, kernel.data);
      assert.throws(() => cg.conv2d(argument, filters), {
        ...outOfMemory,
        message: /^conv2d: no memory for y \[1, 1, 1022, 1022\]/,
      });
      const delta = cg.tensor([1, 1, 1022, 1022].map((extent, i) => (i > 1 ? 1 : extent)));
      assert.throws(() => cg.avgPool2dBackward(delta, [1, 1, 1022, 1022], { kernel: 1022 }), {
        ...outOfMemory,
        message: /^avgPool2dBackward: no memory for dx/,
      });
      const live = cg.memory().live;
      assertWorks(cg);
      for (const tensor of [...taken, argument, filters, delta]) tensor.dispose();
      assert.ok(cg.memory().live < live);
      cg.releaseMemory();
      assert.equal(cg.memory().live, empty, "everything came back");
      assert.deepEqual([...cg.conv2d(image, kernel).data.subarray(0, 3)], [9, 9, 9]);
      cg.releaseMemory();
    }
  });

  test("after one of several results: the first is given back", async () => {
    const cg = await load({ simd: "baseline", wasmBinary: await limitedTo(32 * MiB) });
    const shape = [1, 1, 1024, 1024];
    const argument = cg.tensor(shape);
    const taken = fill(cg, MiB);
    for (const tensor of taken.splice(0, 6)) tensor.dispose();
    const { live, tensors } = cg.memory();
    // Four mebibytes for y, and as many for the indices: only the first fit.
    assert.throws(() => cg.maxPool2d(argument, { kernel: 1 }), {
      ...outOfMemory,
      message: /^maxPool2d: no memory for indices/,
    });
    assert.deepEqual([cg.memory().live, cg.memory().tensors], [live, tensors]);
  });

  test("on JavaScript's side, for a plain result", async () => {
    const cg = await load();
    const whole = globalThis.Float32Array;
    // Only the engine itself could run out here: its refusal is played.
    globalThis.Float32Array = new Proxy(whole, {
      construct(target, args) {
        if (args.length === 1) throw new RangeError("Array buffer allocation failed");
        return new target(...args);
      },
    });
    try {
      assert.throws(() => cg.conv2d(x, w), {
        ...outOfMemory,
        message: /^conv2d: no memory for y \[2, 4, 4, 5\]/,
      });
    } finally {
      globalThis.Float32Array = whole;
    }
    assertWorks(cg);
  });

  test("for intermediate results: what was made for the results is given back", async () => {
    const cg = await load({ simd: "baseline", wasmBinary: await limitedTo(32 * MiB) });
    // The workspace that this call wants, measured where there is room for it.
    const shape = [1, 1, 1024, 1024];
    const roomy = await load();
    const o = { padding: 1, algorithm: "direct" };
    const filtersShape = [1, 1, 3, 3];
    roomy.conv2d(roomy.tensor(shape), roomy.tensor(filtersShape), o).dispose();
    const { scratch } = roomy.memory();
    assert.ok(scratch > 64, "this call needs a workspace");

    const argument = cg.tensor(shape, new Float32Array(1024 * 1024).fill(1));
    const filters = cg.tensor(filtersShape, new Float32Array(9).fill(1));
    const out = cg.tensor(shape);
    const coarse = fill(cg, MiB);
    const fine = fill(cg, 64);
    const { live } = cg.memory();
    assert.throws(() => cg.conv2d(argument, filters, { ...o, out }), {
      ...outOfMemory,
      message: /^conv2d: no memory for intermediate results/,
    });
    assert.deepEqual([...out.data.subarray(0, 9)], new Array(9).fill(0), "nothing is written");
    assert.equal(cg.memory().live, live);
    for (const tensor of [...coarse, ...fine]) tensor.dispose();
    cg.conv2d(argument, filters, { ...o, out });
    assert.deepEqual([...out.data.subarray(0, 3)], [4, 6, 6]);
  });

  test("at the real limit of 4 GiB; and above 2 GiB everything works", async () => {
    const cg = await load();
    const largest = (2 ** 31 - 4) / 4;
    const low = cg.tensor([largest]);
    assert.throws(() => cg.tensor([largest]), outOfMemory);
    // From here on memory is above 2 GiB, where a signed address would be negative.
    const high = cg.tensor([1, 1, 2, 2], Float32Array.of(1, 2, 3, 4));
    assert.ok(high.data.byteOffset > 2 ** 31);
    assert.deepEqual([...high.data], [1, 2, 3, 4]);
    assertWorks(cg);
    const [argument, filters] = [cg.tensor(x.shape, x.data), cg.tensor(w.shape, w.data)];
    assertClose(cg.conv2d(argument, filters, { padding: 1 }), y, "resident", { exact: true });
    const pooled = cg.maxPool2d(argument, { kernel: 2 });
    assert.ok(pooled.indices.data.byteOffset > 2 ** 31);
    const max = reference.maxPool2d(x, windowFor(x.shape, [2, 2], { kernel: 2 }, 2));
    assertClose(pooled.y, max.y, "pooled", { exact: true });
    assert.deepEqual([...pooled.indices.data], [...max.indices.data]);
    low.data[largest - 1] = 1;
    assert.equal(low.data[largest - 1], 1);
    low.dispose();
  });
});

describe("calls", () => {
  test("keep their buffers, and give them back when asked to", async () => {
    const cg = await load();
    const empty = cg.memory();
    assert.deepEqual([empty.scratch, empty.staging, empty.tensors], [0, 0, 0]);
    assertWorks(cg);
    const { scratch, staging } = cg.memory();
    assert.ok(scratch > 0 && staging > 0);
    assertWorks(cg);
    assert.deepEqual([cg.memory().scratch, cg.memory().staging], [scratch, staging]);
    cg.releaseMemory();
    const after = cg.memory();
    assert.deepEqual([after.scratch, after.staging, after.live], [0, 0, empty.live]);
    assertWorks(cg);
  });

  test("a hundred thousand of them, good and refused, leave memory as it was", async () => {
    const cg = await load();
    const t = [x, w, dy].map(({ shape, data }) => cg.tensor(shape, data));
    const pool = { kernel: 2, algorithm: "direct" };
    const round = () => {
      cg.conv2d(x, w, { padding: 1 });
      const resident = cg.conv2d(t[0], t[1], { padding: [1, 1] });
      const all = cg.conv2dBackward(t[2], t[0], t[1], { padding: "same", algorithm: "im2col" });
      const { y: pooled, indices } = cg.maxPool2d(t[0], pool);
      const dx = cg.maxPool2dBackward(pooled, indices, x.shape, pool);
      const mean = cg.avgPool2d(x, pool);
      cg.avgPool2dBackward(mean, x.shape, pool);
      cg.rot180(w);
      assert.throws(() => cg.conv2d(x, t[1], { padding: -1 }), { code: "bad-argument" });
      assert.throws(() => cg.maxPool2dBackward(pooled, badIndices, x.shape, pool));
      for (const result of [resident, all.dx, all.dw, all.db, pooled, indices, dx]) {
        result.dispose();
      }
    };
    const badIndices = { data: new Int32Array(54).fill(99), shape: [2, 3, 3, 3] };
    round();
    const before = cg.memory();
    const calls = 10;
    for (let i = 0; i < 100_000 / calls; ++i) round();
    assert.deepEqual(cg.memory(), before);
  });
});
