// Whatever a caller can pass: each call is either right or refused by code, and the next one is right.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { runInNewContext } from "node:vm";
import { ConvGradError, generator, integers, load } from "./support/data.mjs";

const next = generator(11);
const x = integers([1, 2, 5, 4], next);
const w = integers([3, 2, 3, 3], next);
const o = { padding: 1 };

let cg;
let expected;
before(async () => {
  cg = await load({ threads: 1 });
  expected = cg.conv2d(x, w, o).data;
});
after(() => cg.dispose());

let live;
beforeEach(() => {
  cg.releaseMemory();
  ({ live } = cg.memory());
});

function assertSound() {
  assert.deepEqual(cg.conv2d(x, w, o).data, expected);
  cg.releaseMemory();
  assert.equal(cg.memory().live, live, "nothing leaks");
}

function refused(run, code, words = /./) {
  assert.throws(run, (error) => {
    assert.ok(error instanceof ConvGradError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, words);
    return true;
  });
  assertSound();
}

function right(input, filters = w, options = o) {
  assert.deepEqual(Float32Array.from(cg.conv2d(input, filters, options).data), expected);
  assertSound();
}

/** x in an array of that many more elements before and behind. */
function within(make, before = 3, behind = 5) {
  const whole = make(before + x.data.length + behind);
  const data = whole.subarray(before, before + x.data.length);
  data.set(x.data);
  return { data, shape: x.shape };
}

describe("arrays", () => {
  test("a part of a larger one, at any offset, is right", () => {
    for (let before = 0; before < 5; ++before) {
      right(within((count) => new Float32Array(count), before));
    }
    const bytes = new ArrayBuffer(4 * (x.data.length + 2));
    const data = new Float32Array(bytes, 4, x.data.length);
    data.set(x.data);
    right({ data, shape: x.shape });
  });

  test("over shared memory are right, as arguments and as out", () => {
    const make = (count) => new Float32Array(new SharedArrayBuffer(4 * count));
    right(within(make));
    const out = { data: make(expected.length), shape: [1, 3, 5, 4] };
    right(x, w, { ...o, out });
    assert.deepEqual([...out.data], [...expected]);
  });

  test("of another realm are right", () => {
    const data = runInNewContext("(list) => Float32Array.from(list)")([...x.data]);
    assert.ok(!(data instanceof Float32Array));
    right({ data, shape: x.shape });
    right({ data, shape: runInNewContext("[1, 2, 5, 4]") });
  });

  test("that are detached are refused", () => {
    const { data } = within((count) => new Float32Array(count));
    structuredClone(data.buffer, { transfer: [data.buffer] });
    refused(
      () => cg.conv2d({ data, shape: x.shape }, w, o),
      "shape-mismatch",
      /x\.data\.length is 0/,
    );
    refused(() => cg.conv2d(x, w, { ...o, out: { data, shape: [1, 3, 5, 4] } }), "shape-mismatch");
    refused(() => cg.tensor(x.shape, data), "shape-mismatch");
  });

  test("over resizable memory are as long as they are now", () => {
    const bytes = 4 * x.data.length;
    const buffer = new ArrayBuffer(bytes, { maxByteLength: 4 * bytes });
    const tracking = new Float32Array(buffer);
    tracking.set(x.data);
    right({ data: tracking, shape: x.shape });
    buffer.resize(2 * bytes);
    refused(() => cg.conv2d({ data: tracking, shape: x.shape }, w), "shape-mismatch");
    const fixed = new Float32Array(buffer, 0, x.data.length);
    right({ data: fixed, shape: x.shape });
    buffer.resize(bytes - 4);
    refused(() => cg.conv2d({ data: fixed, shape: x.shape }, w), "shape-mismatch", /length is 0/);
    refused(() => cg.tensor(x.shape, fixed), "shape-mismatch");
  });

  test("are known by what they are, not by what they say", () => {
    const pretender = Object.create(Float32Array.prototype);
    refused(() => cg.conv2d({ data: pretender, shape: x.shape }, w), "bad-argument", /x\.data is/);
    refused(() => cg.tensor([1], pretender), "bad-argument");
    const tagged = { length: 40, [Symbol.toStringTag]: "Float32Array" };
    refused(() => cg.conv2d({ data: tagged, shape: x.shape }, w), "bad-argument");
    const proxied = new Proxy(x.data, {});
    refused(() => cg.conv2d({ data: proxied, shape: x.shape }, w), "bad-argument");
    class Longer extends Float32Array {
      get length() {
        return 40;
      }
      set() {
        throw new Error("not to be called");
      }
    }
    refused(
      () => cg.conv2d({ data: new Longer(39), shape: x.shape }, w),
      "shape-mismatch",
      /is 39/,
    );
    right({ data: new Longer(x.data), shape: x.shape });
    const out = { data: new Longer(expected.length), shape: [1, 3, 5, 4] };
    right(x, w, { ...o, out });
    for (const data of [
      new DataView(new ArrayBuffer(160)),
      new ArrayBuffer(160),
      [...x.data],
      40n,
    ]) {
      refused(() => cg.conv2d({ data, shape: x.shape }, w), "bad-argument");
    }
  });

  test("that overlap an out are refused; overlapping inputs are right", () => {
    const buffer = new Float32Array(100);
    const at = (start, shape) => {
      const count = shape.reduce((a, b) => a * b, 1);
      return { data: buffer.subarray(start, start + count), shape };
    };
    const pool = { kernel: 1 };
    refused(
      () => cg.avgPool2d(at(0, [1, 1, 5, 5]), { ...pool, out: at(24, [1, 1, 5, 5]) }),
      "bad-argument",
    );
    const t = cg.tensor([1, 1, 3, 3]);
    ({ live } = cg.memory());
    refused(() => cg.avgPool2d(t, { ...pool, out: t }), "bad-argument", /same memory as x/);
    const view = { data: t.data, shape: t.shape };
    refused(() => cg.avgPool2d(view, { ...pool, out: t }), "bad-argument", /same memory as x/);
    const same = at(0, [1, 1, 4, 4]);
    const { y } = cg.maxPool2d(same, pool);
    assert.deepEqual([...y.data], [...same.data]);
    assert.deepEqual(cg.conv2d(same, at(0, [1, 1, 4, 4])).data.length, 1);
    t.dispose();
  });

  test("over the module's own memory count where a live tensor is", () => {
    const t = cg.tensor(x.shape, x.data);
    const stale = t.data;
    const shape = [...x.shape];
    assert.deepEqual(cg.conv2d({ data: t.data, shape }, w, o).data, expected);
    const beyond = new Float32Array(stale.buffer, stale.byteOffset + 4, stale.length);
    assert.throws(() => cg.conv2d({ data: beyond, shape }, w, o), { code: "disposed" });
    t.dispose();
    refused(() => cg.conv2d({ data: stale, shape }, w, o), "disposed", /where no tensor is/);
    const out = { data: stale.subarray(0, 9), shape: [1, 1, 3, 3] };
    refused(
      () => cg.avgPool2d({ data: new Float32Array(9), shape: [1, 1, 3, 3] }, { kernel: 1, out }),
      "disposed",
    );
  });
});

describe("numbers", () => {
  const wrong = [
    1n,
    "1",
    Number.NaN,
    Infinity,
    -1,
    0.5,
    2 ** 31,
    2 ** 53,
    null,
    true,
    {},
    () => 1,
    Symbol("1"),
  ];
  for (const name of ["stride", "dilation", "groups"]) {
    test(`as ${name}`, () => {
      for (const value of [
        ...wrong,
        0,
        [],
        [1],
        [1, 2, 3],
        [1, 1n],
        [Number.NaN, 1],
        new Array(2),
      ]) {
        refused(() => cg.conv2d(x, w, { [name]: value }), "bad-argument");
      }
    });
  }

  test("as padding, kernel, extents", () => {
    for (const value of wrong) {
      refused(() => cg.conv2d(x, w, { padding: value }), "bad-argument");
      refused(() => cg.maxPool2d(x, { kernel: value }), "bad-argument");
      refused(() => cg.tensor([value]), "bad-argument");
      refused(() => cg.conv2d({ data: x.data, shape: [1, 2, 5, value] }, w), "bad-argument");
      refused(() => cg.avgPool2dBackward(x, [1, 2, 5, value], { kernel: 1 }), "bad-argument");
    }
  });

  test("too large to count with", () => {
    const most = 2 ** 31 - 1;
    for (const shape of [[most, most, most, most], [2 ** 16, 2 ** 15], [most], [0, 2 ** 31]]) {
      const code = shape.includes(2 ** 31) ? "bad-argument" : "too-large";
      refused(() => cg.tensor(shape), code);
    }
    assert.equal(cg.tensor([0, most, most]).data.length, 0);
    for (const options of [{ stride: most }, { stride: most, padding: "same" }]) {
      assert.equal(cg.conv2d(x, w, options).shape.length, 4);
    }
    refused(() => cg.conv2d(x, w, { dilation: most }), "empty-output");
    refused(() => cg.conv2d(x, w, { padding: most }), "too-large");
    refused(() => cg.conv2d(x, w, { dilation: most, padding: "same" }), "too-large");
    refused(() => cg.zeroInsert(x, most), "too-large");
    refused(() => cg.im2col(x, { kernel: 1, padding: 30_000 }), "too-large");
    refused(() => cg.avgPool2dBackward(x, [1, 2, most, most], { kernel: most }), "too-large");
  });
});

describe("options", () => {
  test("with an inherited or no prototype are read", () => {
    right(x, w, Object.create(o));
    right(x, w, Object.assign(Object.create(null), o));
    class Options {
      padding = 1;
    }
    right(x, w, new Options());
    right(x, w, Object.freeze({ ...o, stride: undefined, bias: undefined, out: undefined }));
    refused(() => cg.conv2d(x, w, Object.create({ strid: 1 })), "bad-argument");
  });

  test("are read once: what a getter says first is what counts", () => {
    const changing = (first, then) => {
      let reads = 0;
      return () => (reads++ === 0 ? first : then);
    };
    const define = (entries) =>
      Object.defineProperties(
        {},
        Object.fromEntries(
          Object.entries(entries).map(([name, get]) => [name, { get, enumerable: true }]),
        ),
      );
    right(x, w, define({ padding: changing(1, "same"), stride: changing(1, -1) }));
    right(x, w, define({ padding: changing("same", 7) }));
    right(define({ shape: changing(x.shape, [9, 9, 9, 9]), data: changing(x.data, null) }));
    const out = { data: new Float32Array(expected.length), shape: [1, 3, 5, 4] };
    right(x, w, define({ padding: changing(1, 1), out: changing(out, x) }));
    const pair = new Proxy([1, 1], {
      get: (target, key) => (key === "length" ? 2 : Reflect.get(target, key)),
    });
    right(x, w, { padding: pair });
    const endless = new Proxy([], { get: (_, key) => (key === "length" ? 2 ** 50 : 1) });
    refused(() => cg.tensor(endless), "bad-argument", /shape\.length/);
  });

  test("whose reading fails are refused, with the reason", () => {
    const failing = {
      get padding() {
        throw new RangeError("no padding today");
      },
    };
    refused(() => cg.conv2d(x, w, failing), "bad-argument", /no padding today/);
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const list = Proxy.revocable([], {});
    list.revoke();
    for (const value of [proxy, list.proxy]) {
      refused(() => cg.conv2d(x, w, value), "bad-argument");
      refused(() => cg.conv2d(value, w), "bad-argument");
      refused(() => cg.conv2d(x, w, { stride: value }), "bad-argument");
      refused(() => cg.tensor(value), "bad-argument");
      refused(() => cg.profile(value), "bad-argument");
    }
    assert.throws(
      () =>
        cg.conv2d(x, w, {
          get bias() {
            throw new TypeError("t");
          },
        }),
      {
        code: "bad-argument",
        cause: new TypeError("t"),
      },
    );
  });

  test("whose reading changes the arguments are refused, or right", () => {
    const during = (change) => ({
      padding: 1,
      get bias() {
        change();
        return undefined;
      },
    });
    const detached = { data: x.data.slice(), shape: x.shape };
    const { buffer } = detached.data;
    const detach = () => structuredClone(buffer, { transfer: [buffer] });
    refused(
      () => cg.conv2d(detached, w, during(detach)),
      "bad-argument",
      /x\.data is of length 0 now/,
    );
    const t = cg.tensor(x.shape, x.data);
    assert.throws(
      () =>
        cg.conv2d(
          t,
          w,
          during(() => t.dispose()),
        ),
      { code: "disposed" },
    );
    assertSound();
    // Growth in the middle: the argument is a view that goes dead by it.
    const own = cg.tensor(x.shape, x.data);
    const grow = during(() => cg.tensor([cg.memory().total / 4]).dispose());
    const view = { data: own.data, shape: [...x.shape] };
    assert.throws(() => cg.conv2d(view, w, grow), { code: "bad-argument" });
    own.dispose();
    // A call within a call.
    const nested = during(() => assert.deepEqual(cg.conv2d(x, w, o).data, expected));
    right(x, w, nested);
  });

  test("whose reading disposes of the instance are refused", async () => {
    for (const threads of [1, 2]) {
      const other = await load({ threads });
      const ends = {
        get padding() {
          other.dispose();
          return 1;
        },
      };
      assert.throws(() => other.conv2d(x, w, ends), { code: "disposed" });
      const again = await load({ threads });
      const shape = new Proxy([2], {
        get(target, key) {
          again.dispose();
          return Reflect.get(target, key);
        },
      });
      assert.throws(() => again.tensor(shape), { code: "disposed" });
    }
    assertSound();
  });
});

test("a hundred thousand refusals, of every kind, leave everything as it was", () => {
  const detached = new Float32Array(40);
  structuredClone(detached.buffer, { transfer: [detached.buffer] });
  const t = cg.tensor(x.shape, x.data);
  const before = cg.memory();
  const kinds = [
    () => cg.conv2d(x, w, { padding: -1 }),
    () => cg.conv2d(t, w, { groups: 7 }),
    () => cg.conv2d(t, w, { stride: 1n }),
    () => cg.conv2d({ data: detached, shape: x.shape }, w),
    () => cg.conv2dBackward(t, t, w),
    () => cg.maxPool2d(t, { kernel: 9 }),
    () => cg.avgPool2d(t, { kernel: 1, out: t }),
    () => cg.tensor([2 ** 31 - 1]),
    () => cg.rot180(null),
    () => cg.conv2d(t, w, { dilation: 2 ** 30 }),
  ];
  let refusals = 0;
  for (let i = 0; i < 100_000; ++i) {
    try {
      kinds[i % kinds.length]();
    } catch (error) {
      if (error instanceof ConvGradError) ++refusals;
    }
  }
  assert.equal(refusals, 100_000);
  assert.deepEqual(cg.memory(), before);
  t.dispose();
  assertSound();
});
