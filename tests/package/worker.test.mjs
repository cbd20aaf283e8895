// convgrad/worker: the same numbers as promises, what is handed over and what is copied, and its end.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { load, move } from "../../dist/worker.js";
import { ConvGradError, generator, integers, load as loadHere } from "./support/data.mjs";

const next = generator(5);
const x = integers([2, 3, 8, 7], next);
const w = integers([4, 3, 3, 3], next);
const o = { padding: 1, stride: [2, 1] };
const pool = { kernel: 2, stride: 1 };

const plainOf = async (value) => {
  const resolved = await value;
  if (resolved === undefined || !("shape" in resolved)) return resolved;
  const data = await resolved.data;
  return { shape: [...resolved.shape], data: new data.constructor(data) };
};

/** Every operation, on whatever `tensor` makes; the results as plain tensors. */
async function everything(cg, tensor) {
  const [input, filters] = [await tensor(x), await tensor(w)];
  const y = await cg.conv2d(input, filters, {
    ...o,
    bias: await tensor({ data: new Float32Array(4), shape: [4] }),
  });
  const { dx, dw, db } = await cg.conv2dBackward(y, input, filters, { ...o, reduction: "mean" });
  const some = await cg.conv2dBackward(y, input, filters, { ...o, need: { dx: false } });
  const max = await cg.maxPool2d(input, pool);
  const back = await cg.maxPool2dBackward(max.y, max.indices, x.shape, pool);
  const mean = await cg.avgPool2d(input, { ...pool, countIncludePad: true });
  const spread = await cg.avgPool2dBackward(mean, x.shape, pool);
  const col = await cg.im2col(input, { kernel: 3 });
  const image = await cg.col2im(col, x.shape, { kernel: [3, 3] });
  const rest = [await cg.rot180(filters), await cg.zeroInsert(y, 2)];
  assert.deepEqual(Object.keys(some), ["dw", "db"]);
  const all = [y, dx, dw, db, some.dw, max.y, max.indices, back, mean, spread, col, image, ...rest];
  return Promise.all(all.map(plainOf));
}

describe("in a worker", () => {
  let cg;
  let here;
  before(async () => {
    [cg, here] = await Promise.all([load(), loadHere()]);
  });
  after(() => cg.dispose());

  test("every operation gives what it gives here, on plain and on resident tensors", async () => {
    const expected = await everything(here, (tensor) => tensor);
    assert.deepEqual(await everything(cg, (tensor) => tensor), expected);
    assert.deepEqual(await everything(cg, ({ shape, data }) => cg.tensor(shape, data)), expected);
    assert.deepEqual(cg.info, here.info);
  });

  test("results are plain, or resident where every argument is, as they are here", async () => {
    const input = await cg.tensor(x.shape, x.data);
    const filters = await cg.tensor(w.shape, w.data);
    const resident = await cg.conv2d(input, filters);
    assert.equal(typeof resident.dispose, "function");
    assert.deepEqual(Object.keys(await cg.conv2d(input, w)), ["data", "shape"]);
    assert.deepEqual(resident.shape, [2, 4, 6, 5]);
    for (const tensor of [input, filters, resident]) tensor.dispose();
  });

  test("out is written to and returned, on either side", async () => {
    const expected = here.conv2d(x, w, o);
    const plain = { data: new Float32Array(expected.data.length), shape: expected.shape };
    assert.equal(await cg.conv2d(x, w, { ...o, out: plain }), plain);
    assert.deepEqual(plain.data, expected.data);
    const resident = await cg.tensor(expected.shape);
    assert.equal(await cg.conv2d(x, w, { ...o, out: resident }), resident);
    assert.deepEqual(await resident.data, expected.data);
    const dw = { data: new Float32Array(w.data.length), shape: w.shape };
    const gradients = await cg.conv2dBackward(plain, x, w, { ...o, out: { dw } });
    assert.equal(gradients.dw, dw);
    assert.deepEqual(dw.data, here.conv2dBackward(plain, x, w, o).dw.data);
    resident.dispose();
  });

  test("arguments are copied, or handed over when told so", async () => {
    const expected = here.avgPool2d(x, pool).data;
    const given = { data: x.data.slice(), shape: x.shape };
    assert.deepEqual((await cg.avgPool2d(given, pool)).data, expected);
    assert.equal(given.data.length, x.data.length);
    assert.deepEqual((await cg.avgPool2d(move(given), pool)).data, expected);
    assert.equal(given.data.length, 0, "the buffer has gone");
    // A part of a larger buffer goes by itself, and a shared one stays shared.
    const large = new Float32Array(1000);
    large.set(x.data, 100);
    const part = { data: large.subarray(100, 100 + x.data.length), shape: x.shape };
    assert.deepEqual((await cg.avgPool2d(move(part), pool)).data, expected);
    assert.equal(large.length, 1000);
    const shared = new Float32Array(new SharedArrayBuffer(x.data.byteLength));
    shared.set(x.data);
    const { data } = await cg.avgPool2d({ data: shared, shape: x.shape }, pool);
    assert.deepEqual(data, expected);
  });

  test("tensors are read by copies, and written to", async () => {
    const t = await cg.tensor([2, 2], Float32Array.of(1, 2, 3, 4));
    const copy = await t.data;
    copy.fill(9);
    assert.deepEqual([...(await t.data)], [1, 2, 3, 4]);
    await t.set(Float32Array.of(5, 6, 7, 8));
    assert.deepEqual([...(await t.data)], [5, 6, 7, 8]);
    await assert.rejects(t.set(new Float32Array(3)), { code: "shape-mismatch" });
    await assert.rejects(t.set(new Int32Array(4)), { code: "bad-argument" });
    assert.deepEqual([...(await t.data)], [5, 6, 7, 8]);
    t.dispose();
    await assert.rejects(t.data, { code: "disposed" });
  });

  test("memory is that of the worker, and comes back", async () => {
    await cg.releaseMemory();
    const before = await cg.memory();
    const t = await cg.tensor([1000]);
    assert.equal((await cg.memory()).tensors, before.tensors + 4000);
    t.dispose();
    t.dispose();
    assert.equal((await cg.memory()).tensors, before.tensors);
  });

  test("profile measures what its function waits for", async () => {
    const { result, phases } = await cg.profile(() => cg.conv2d(x, w, o));
    assert.deepEqual(result.data, here.conv2d(x, w, o).data);
    assert.ok(phases.length > 0 && phases.every(({ ms }) => ms > 0));
    await assert.rejects(
      cg.profile(() => cg.conv2d(x)),
      { code: "bad-argument" },
    );
  });

  test("refusals come with the code and words of here", async () => {
    const other = await load({ threads: 1 });
    const foreign = await other.tensor(x.shape);
    const disposed = await cg.tensor(x.shape);
    disposed.dispose();
    const twice = { data: new Float32Array(108), shape: w.shape };
    const refusals = [
      [() => cg.conv2d(), "bad-argument", /^conv2d: x is undefined/],
      [() => cg.conv2d(x, w, { strid: 1 }), "bad-argument", /"strid"/],
      [() => cg.conv2d(x, w, { stride: 1n }), "bad-argument", /stride is 1n/],
      [() => cg.conv2d(x, w, { stride: () => 1 }), "bad-argument", /cannot be sent to a worker/],
      [() => cg.conv2d(x, w, { out: x }), "shape-mismatch", /out\.shape/],
      [
        () => cg.conv2d({ data: new Float64Array(336), shape: x.shape }, w),
        "bad-argument",
        /a Float64A/,
      ],
      [() => cg.conv2d({ data: x.data, shape: [2, 3] }, w), "shape-mismatch", /x\.shape/],
      [
        () =>
          cg.conv2d(
            {
              get data() {
                throw new Error("mine");
              },
            },
            w,
          ),
        "bad-argument",
        /mine/,
      ],
      [() => cg.conv2d(foreign, w), "bad-argument", /another instance/],
      [() => cg.conv2d(disposed, w), "disposed", /conv2d/],
      [() => cg.tensor([2 ** 30]), "too-large", /^tensor/],
      [
        () => cg.conv2dBackward(x, x, w, { out: { dw: twice, dx: twice } }),
        "bad-argument",
        /same memory twice/,
      ],
    ];
    for (const [run, code, words] of refusals) {
      await assert.rejects(run(), (error) => {
        assert.ok(error instanceof ConvGradError);
        assert.equal(error.code, code, error.message);
        assert.match(error.message, words);
        return true;
      });
    }
    assert.deepEqual((await cg.conv2d(x, w)).data, here.conv2d(x, w).data);
    other.dispose();
    await assert.rejects(load({ thread: 1 }), { code: "bad-argument" });
    await assert.rejects(load({ wasmUrl: "nowhere" }), { code: "bad-argument" });
  });

  test("calls made at once are answered each by its own", async () => {
    const inputs = Array.from({ length: 50 }, () => integers(x.shape, next));
    const results = await Promise.all(inputs.map((input) => cg.conv2d(input, w)));
    results.forEach(({ data }, i) => {
      assert.deepEqual(data, here.conv2d(inputs[i], w).data);
    });
  });
});

test("dispose() refuses what waits and what comes later", async () => {
  const cg = await load();
  const t = await cg.tensor([1]);
  const waiting = cg.conv2d(x, w);
  cg.dispose();
  cg.dispose();
  t.dispose();
  for (const promise of [waiting, cg.conv2d(x, w), cg.memory(), t.data]) {
    await assert.rejects(promise, { name: "ConvGradError", code: "disposed" });
  }
});

test("a program ends with its last answer, and a forgotten tensor is freed", () => {
  const script = `
    import { load } from "./dist/worker.js";
    const cg = await load({ threads: 2 });
    await (async () => { await cg.tensor([1000]); })();
    let tensors = 1;
    for (let i = 0; i < 100 && tensors > 0; ++i) {
      globalThis.gc();
      await new Promise((resolve) => setTimeout(resolve, 10));
      ({ tensors } = await cg.memory());
    }
    console.log(tensors);`;
  const args = ["--disallow-code-generation-from-strings", "--expose-gc", "--input-type=module"];
  const run = spawnSync(process.execPath, [...args, "--eval", script], {
    cwd: new URL("../../", import.meta.url),
    encoding: "utf8",
    timeout: 20_000,
  });
  assert.equal(run.stdout, "0\n", run.stderr);
  assert.equal(run.status, 0);
});
