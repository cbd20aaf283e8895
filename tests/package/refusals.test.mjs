// What the package refuses: by which code, with which words, and that nothing is left behind.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ConvGradError, load } from "./support/data.mjs";

const cg = await load();
const other = await load();

const plain = (shape, data = new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1)) => ({
  data,
  shape,
});
const indices = (shape, value = 0) =>
  plain(shape, new Int32Array(shape.reduce((a, b) => a * b, 1)).fill(value));

// One good call of each operation: the refusals below are these with one thing changed, and each is
// tried again after a refusal.
const x = plain([2, 4, 6, 5]);
const w = plain([6, 2, 3, 3]);
const y = plain([2, 6, 4, 3]);
const o = { groups: 2 };
const pool = { kernel: 2 };
const pooled = plain([2, 4, 3, 2]);
const where = indices([2, 4, 3, 2]);
const good = {
  tensor: () => cg.tensor([2, 2], new Float32Array(4)).dispose(),
  conv2d: () => cg.conv2d(x, w, o),
  conv2dBackward: () => cg.conv2dBackward(y, x, w, o),
  maxPool2d: () => cg.maxPool2d(x, pool),
  maxPool2dBackward: () => cg.maxPool2dBackward(pooled, where, x.shape, pool),
  avgPool2d: () => cg.avgPool2d(x, pool),
  avgPool2dBackward: () => cg.avgPool2dBackward(pooled, x.shape, pool),
  im2col: () => cg.im2col(x, { kernel: 2 }),
  col2im: () => cg.col2im(plain([40, 16]), x.shape, { kernel: 2 }),
  rot180: () => cg.rot180(w),
  zeroInsert: () => cg.zeroInsert(y, 2),
};

const disposed = cg.tensor([2, 4, 6, 5]);
disposed.dispose();
const foreign = other.tensor([2, 4, 6, 5]);
const resident = cg.tensor([2, 4, 6, 5]);
const buffer = new Float32Array(1000);
const at = (shape, offset) =>
  plain(shape, buffer.subarray(offset, offset + shape.reduce((a, b) => a * b, 1)));
const convWith = (options) => () => cg.conv2d(x, w, { ...o, ...options });
const backWith = (options) => () => cg.conv2dBackward(y, x, w, { ...o, ...options });
const maxWith = (options) => () => cg.maxPool2d(x, { ...pool, ...options });
const avgWith = (options) => () => cg.avgPool2d(x, { ...pool, ...options });

const refusals = [
  // Tensor arguments.
  ["conv2d", () => cg.conv2d(), "bad-argument", /^conv2d: x is undefined; expected a tensor or \{/],
  ["conv2d", () => cg.conv2d(x, null), "bad-argument", /^conv2d: w is null; expected a tensor/],
  [
    "conv2d",
    () => cg.conv2d(x.data, w, o),
    "bad-argument",
    /x\.shape is undefined; expected an ar/,
  ],
  [
    "conv2d",
    () => cg.conv2d({ data: new Float64Array(240), shape: x.shape }, w, o),
    "bad-argument",
    /^conv2d: x\.data is a Float64Array of 240; expected a Float32Array$/,
  ],
  [
    "conv2d",
    () => cg.conv2d({ data: [1], shape: [1, 1, 1, 1] }, w, o),
    "bad-argument",
    /x\.data is \[1\]; expected a Float32Array/,
  ],
  [
    "conv2d",
    () => cg.conv2d({ data: new Float32Array(239), shape: x.shape }, w, o),
    "shape-mismatch",
    /^conv2d: x\.data\.length is 239; expected 240, as x\.shape \[2, 4, 6, 5\] says$/,
  ],
  [
    "conv2d",
    () => cg.conv2d({ data: new Float32Array(241), shape: x.shape }, w, o),
    "shape-mismatch",
    /x\.data\.length is 241; expected 240/,
  ],
  [
    "conv2d",
    () => cg.conv2d(plain([4, 6, 5]), w),
    "shape-mismatch",
    /x\.shape is \[4, 6, 5\].*; ex/,
  ],
  [
    "conv2d",
    () => cg.conv2d(x, plain([6, 2, 9])),
    "shape-mismatch",
    /w\.shape .*3 extents; expected 4/,
  ],
  [
    "conv2d",
    () => cg.conv2d({ data: new Float32Array(0), shape: [1, 0, 3, 3] }, w),
    "bad-argument",
    /x\.shape\[1\] is 0; expected an integer from 1 to 2147483647/,
  ],
  [
    "conv2d",
    () => cg.conv2d(x, { data: new Float32Array(0), shape: [0, 2, 3, 3] }, o),
    "bad-argument",
    /w\.shape\[0\] is 0; expected an integer from 1/,
  ],
  [
    "conv2d",
    () => cg.conv2d({ data: new Float32Array(3), shape: [1, 1, 1.5, 2] }, w),
    "bad-argument",
    /x\.shape\[2\] is 1\.5; expected an integer/,
  ],
  [
    "conv2d",
    () => cg.conv2d({ data: new Float32Array(4), shape: [1, 1, -2, -2] }, w),
    "bad-argument",
    /x\.shape\[2\] is -2/,
  ],
  [
    "conv2d",
    () => cg.conv2d({ data: new Float32Array(4), shape: [1, 1, "2", 2] }, w),
    "bad-argument",
    /x\.shape\[2\] is "2"; expected an integer/,
  ],
  [
    "conv2d",
    () => cg.conv2d({ data: new Float32Array(0), shape: [2 ** 31, 1, 1, 1] }, w),
    "bad-argument",
    /x\.shape\[0\] is 2147483648/,
  ],
  [
    "conv2d",
    () => cg.conv2d(disposed, w, o),
    "disposed",
    /^conv2d: x is a tensor that has been dis/,
  ],
  [
    "conv2d",
    () => cg.conv2d(foreign, w, o),
    "bad-argument",
    /x is a tensor of another instance; ex/,
  ],
  [
    "conv2d",
    () => {
      const integers = cg.tensor([2, 4, 6, 5], new Int32Array(240));
      try {
        cg.conv2d(integers, w, o);
      } finally {
        integers.dispose();
      }
    },
    "bad-argument",
    /x is a tensor of int32; expected one of float32/,
  ],
  [
    "maxPool2dBackward",
    () => cg.maxPool2dBackward(resident, resident, x.shape, { kernel: 1 }),
    "bad-argument",
    /indices is a tensor of float32; expected one of int32/,
  ],
  [
    "maxPool2dBackward",
    () => cg.maxPool2dBackward(pooled, pooled, x.shape, pool),
    "bad-argument",
    /indices\.data is a Float32Array of 48; expected an Int32Array/,
  ],

  // Shapes that contradict each other.
  [
    "conv2d",
    () => cg.conv2d(plain([1, 6, 4, 4]), plain([4, 4, 3, 3]), { groups: 2 }),
    "shape-mismatch",
    /^conv2d: w\.shape\[1\] is 4; expected 3 \(C \/ groups = 6 \/ 2\)$/,
  ],
  ["conv2d", () => cg.conv2d(x, w), "shape-mismatch", /w\.shape\[1\] is 2; expected 4/],
  [
    "conv2d",
    convWith({ groups: 3 }),
    "bad-argument",
    /groups is 3; expected a divisor of C = 4 and K/,
  ],
  ["conv2d", convWith({ groups: 0 }), "bad-argument", /groups is 0; expected an integer from 1/],
  ["conv2d", convWith({ groups: 2.5 }), "bad-argument", /groups is 2\.5/],
  [
    "conv2d",
    convWith({ bias: plain([5]) }),
    "shape-mismatch",
    /bias\.shape is \[5\]; expected \[6\]/,
  ],
  ["conv2d", convWith({ bias: plain([1, 6]) }), "shape-mismatch", /bias\.shape is \[1, 6\]/],
  ["conv2d", convWith({ bias: null }), "bad-argument", /bias is null; expected a tensor/],
  ["conv2d", convWith({ out: x }), "shape-mismatch", /out\.shape is .*; expected \[2, 6, 4, 3\]/],
  [
    "conv2dBackward",
    () => cg.conv2dBackward(x, x, w, o),
    "shape-mismatch",
    /^conv2dBackward: dy\.shape is \[2, 4, 6, 5\]; expected \[2, 6, 4, 3\], the shape of y$/,
  ],
  ["conv2dBackward", backWith({ stride: 2 }), "shape-mismatch", /dy\.shape/],
  ["conv2dBackward", backWith({ bias: plain([7]) }), "shape-mismatch", /bias\.shape/],
  [
    "conv2dBackward",
    backWith({ out: { dw: x } }),
    "shape-mismatch",
    /out\.dw\.shape is .*expected \[6,/,
  ],
  [
    "maxPool2dBackward",
    () => cg.maxPool2dBackward(x, where, x.shape, pool),
    "shape-mismatch",
    /dy\.shape is \[2, 4, 6, 5\]; expected \[2, 4, 3, 2\]/,
  ],
  [
    "maxPool2dBackward",
    () => cg.maxPool2dBackward(pooled, indices([1, 4, 3, 2]), x.shape, pool),
    "shape-mismatch",
    /indices\.shape/,
  ],
  [
    "avgPool2dBackward",
    () => cg.avgPool2dBackward(pooled, [2, 4, 8, 5], pool),
    "shape-mismatch",
    /dy\.shape/,
  ],
  [
    "avgPool2dBackward",
    () => cg.avgPool2dBackward(pooled, undefined, pool),
    "bad-argument",
    /inputShape is undefined; expected an array of extents/,
  ],
  [
    "avgPool2dBackward",
    () => cg.avgPool2dBackward(pooled, [4, 6, 5], pool),
    "shape-mismatch",
    /inputShape is \[4, 6, 5\] with 3 extents; expected 4/,
  ],
  [
    "col2im",
    () => cg.col2im(plain([40, 15]), x.shape, { kernel: 2 }),
    "shape-mismatch",
    /col\.shape is \[40, 15\]; expected \[40, 16\] \(\[N \* OH \* OW, C \* R \* S\]\)/,
  ],

  // Options.
  [
    "conv2d",
    convWith({ strid: 1 }),
    "bad-argument",
    /a name in options is "strid"; expected one of "b/,
  ],
  ["conv2d", convWith({ reduction: "sum" }), "bad-argument", /"reduction"/],
  ["conv2d", convWith({ kernel: 3 }), "bad-argument", /"kernel"/],
  ["conv2d", () => cg.conv2d(x, w, 2), "bad-argument", /options is 2; expected an object/],
  ["conv2d", () => cg.conv2d(x, w, null), "bad-argument", /options is null/],
  ["conv2d", () => cg.conv2d(x, w, [o]), "bad-argument", /options is \[/],
  ["maxPool2d", maxWith({ countIncludePad: true }), "bad-argument", /"countIncludePad"/],
  ["maxPool2d", maxWith({ groups: 2 }), "bad-argument", /"groups"/],
  ["im2col", () => cg.im2col(x, { kernel: 2, out: x }), "bad-argument", /"out"/],
  ["im2col", () => cg.im2col(x, { kernel: 2, algorithm: "im2col" }), "bad-argument", /"algorithm"/],
  [
    "im2col",
    () => cg.im2col(x),
    "bad-argument",
    /^im2col: kernel is undefined; expected a number or/,
  ],
  ["maxPool2d", () => cg.maxPool2d(x), "bad-argument", /^maxPool2d: kernel is undefined/],
  ["maxPool2d", maxWith({ kernel: 0 }), "bad-argument", /kernel is 0; expected an integer from 1/],
  [
    "maxPool2d",
    maxWith({ kernel: [2, 2, 2] }),
    "bad-argument",
    /kernel is \[2, 2, 2\]; expected a num/,
  ],
  ["conv2d", convWith({ stride: 0 }), "bad-argument", /stride is 0; expected an integer from 1/],
  [
    "conv2d",
    convWith({ stride: [1, 1.5] }),
    "bad-argument",
    /stride\[1\] is 1\.5; expected an integer/,
  ],
  [
    "conv2d",
    convWith({ stride: "2" }),
    "bad-argument",
    /stride is "2"; expected a number or \[height/,
  ],
  ["conv2d", convWith({ stride: [2] }), "bad-argument", /stride is \[2\]; expected/],
  ["conv2d", convWith({ stride: NaN }), "bad-argument", /stride is NaN/],
  ["conv2d", convWith({ stride: 2 ** 31 }), "bad-argument", /stride is 2147483648/],
  ["conv2d", convWith({ stride: 2n }), "bad-argument", /stride is 2n/],
  ["conv2d", convWith({ dilation: 0 }), "bad-argument", /dilation is 0/],
  ["conv2d", convWith({ dilation: [-1, 1] }), "bad-argument", /dilation\[0\] is -1/],
  [
    "conv2d",
    convWith({ padding: -1 }),
    "bad-argument",
    /padding is -1; expected an integer from 0/,
  ],
  [
    "conv2d",
    convWith({ padding: [1, 1, 1] }),
    "bad-argument",
    /padding is \[1, 1, 1\]; expected a numb/,
  ],
  ["conv2d", convWith({ padding: [0, 0, 0, -1] }), "bad-argument", /padding\[3\] is -1/],
  [
    "conv2d",
    convWith({ padding: "SAME" }),
    "bad-argument",
    /padding is "SAME"; expected .*"same" or "/,
  ],
  ["conv2d", convWith({ padding: Infinity }), "bad-argument", /padding is Infinity/],
  [
    "conv2d",
    convWith({ algorithm: "fast" }),
    "bad-argument",
    /algorithm is "fast"; expected one of "a/,
  ],
  ["conv2d", convWith({ algorithm: "toString" }), "bad-argument", /algorithm is "toString"/],
  ["conv2d", convWith({ algorithm: 1 }), "bad-argument", /algorithm is 1/],
  [
    "conv2d",
    convWith({ algorithm: "winograd" }),
    "bad-argument",
    /algorithm is "winograd"; expected one of "auto", "direct", "im2col", "reference"$/,
  ],
  [
    "conv2dBackward",
    backWith({ algorithm: "winograd4" }),
    "bad-argument",
    /algorithm is "winograd4"/,
  ],
  ["avgPool2d", avgWith({ algorithm: "winograd" }), "bad-argument", /algorithm is "winograd"/],
  [
    "conv2dBackward",
    backWith({ reduction: "avg" }),
    "bad-argument",
    /reduction is "avg"; expected "sum/,
  ],
  [
    "conv2dBackward",
    backWith({ need: { dz: true } }),
    "bad-argument",
    /a name in need is "dz"; expecte/,
  ],
  [
    "conv2dBackward",
    backWith({ need: { dx: 1 } }),
    "bad-argument",
    /need\.dx is 1; expected true or fa/,
  ],
  [
    "conv2dBackward",
    backWith({ need: ["dx"] }),
    "bad-argument",
    /need is \["dx"\]; expected an object/,
  ],
  [
    "conv2dBackward",
    backWith({ out: { y } }),
    "bad-argument",
    /a name in out is "y"; expected one of "/,
  ],
  [
    "conv2dBackward",
    backWith({ out: { dw: plain(w.shape) }, need: { dw: false } }),
    "bad-argument",
    /out\.dw is given; expected need\.dw not to be false/,
  ],
  ["maxPool2d", maxWith({ ceilMode: 1 }), "bad-argument", /ceilMode is 1; expected true or false/],
  ["maxPool2d", maxWith({ out: plain(pooled.shape) }), "bad-argument", /a name in out is "data"/],
  ["avgPool2d", avgWith({ countIncludePad: "yes" }), "bad-argument", /countIncludePad is "yes"/],
  ["zeroInsert", () => cg.zeroInsert(y), "bad-argument", /stride is undefined/],
  ["zeroInsert", () => cg.zeroInsert(y, [1, 0]), "bad-argument", /stride\[1\] is 0/],
  [
    "rot180",
    () => cg.rot180(plain([3, 3])),
    "shape-mismatch",
    /w\.shape is \[3, 3\] with 2 extents; e/,
  ],

  // Pooling's padding, and its indices.
  [
    "maxPool2d",
    maxWith({ padding: 2 }),
    "bad-argument",
    /padding is \[2, 2, 2, 2\]; expected less tha/,
  ],
  ["avgPool2d", avgWith({ padding: [0, 0, 0, 2] }), "bad-argument", /padding is \[0, 0, 0, 2\]/],
  [
    "maxPool2d",
    maxWith({ kernel: [1, 2], padding: [1, 0] }),
    "bad-argument",
    /less than the kernel \[1/,
  ],
  [
    "avgPool2d",
    () => cg.avgPool2d(plain([1, 1, 2, 2]), { kernel: 2, dilation: 3, padding: 1, stride: 1 }),
    "bad-argument",
    /^avgPool2d: a dilated window would see nothing but padding/,
  ],
  [
    "maxPool2dBackward",
    () => cg.maxPool2dBackward(pooled, indices(pooled.shape, 30), x.shape, pool),
    "bad-argument",
    /^maxPool2dBackward: indices\.data\[0\] is 30; expected at least 0 and less than 30 \(H \* W\)$/,
  ],
  [
    "maxPool2dBackward",
    () => {
      const bad = indices(pooled.shape);
      bad.data[47] = -1;
      cg.maxPool2dBackward(pooled, bad, x.shape, pool);
    },
    "bad-argument",
    /indices\.data\[47\] is -1/,
  ],

  // Windows that do not fit.
  [
    "conv2d",
    () => cg.conv2d(plain([1, 1, 2, 5]), plain([1, 1, 3, 3])),
    "empty-output",
    /^conv2d: the window's height is 3 .*kernel 3, dilation 1\); expected at most 2 \(input 2/,
  ],
  ["conv2d", convWith({ dilation: [1, 3] }), "empty-output", /the window's width is 7/],
  ["maxPool2d", maxWith({ kernel: 7 }), "empty-output", /the window's height is 7/],
  ["avgPool2d", avgWith({ kernel: [1, 6], ceilMode: true }), "empty-output", /the window's width/],
  ["im2col", () => cg.im2col(x, { kernel: [7, 1] }), "empty-output", /height/],
  ["conv2d", convWith({ dilation: 2 ** 31 - 1 }), "empty-output", /height is 4294967295/],

  // Sizes.
  [
    "tensor",
    () => cg.tensor([2 ** 15, 2 ** 15]),
    "too-large",
    /^tensor: shape is \[32768, 32768\] of 4294967296 bytes; expected at most 2147483647 bytes$/,
  ],
  ["tensor", () => cg.tensor([2 ** 29]), "too-large", /2147483648 bytes/],
  ["tensor", () => cg.tensor(new Array(64).fill(2 ** 31 - 1)), "too-large", /of Infinity bytes/],
  ["conv2d", convWith({ padding: 100000 }), "too-large", /y is \[2, 6, 200004, 200003\] of/],
  ["conv2d", convWith({ padding: 2 ** 31 - 1 }), "too-large", /y is \[2, 6, 429496/],
  ["im2col", () => cg.im2col(x, { kernel: 2, padding: 20000 }), "too-large", /col is \[/],
  ["zeroInsert", () => cg.zeroInsert(y, 2 ** 20), "too-large", /the spread dy is \[2, 6, /],
  [
    "avgPool2dBackward",
    () => cg.avgPool2dBackward(pooled, [2 ** 20, 4, 2 ** 20, 5], pool),
    "too-large",
    /inputShape is/,
  ],
  [
    "conv2d",
    () =>
      cg.conv2d(plain([1, 1, 1, 1]), plain([1, 1, 1, 1]), { padding: 2 ** 30, stride: 2 ** 30 }),
    "too-large",
    /^conv2d: the padded input or a workspace cannot be addressed$/,
  ],

  // cg.tensor itself.
  [
    "tensor",
    () => cg.tensor(),
    "bad-argument",
    /^tensor: shape is undefined; expected an array of ex/,
  ],
  ["tensor", () => cg.tensor(4), "bad-argument", /shape is 4/],
  [
    "tensor",
    () => cg.tensor([2, -1]),
    "bad-argument",
    /shape\[1\] is -1; expected an integer from 0/,
  ],
  [
    "tensor",
    () => cg.tensor([2], [1, 2]),
    "bad-argument",
    /data is \[1, 2\]; expected a Float32Array o/,
  ],
  ["tensor", () => cg.tensor([2], null), "bad-argument", /data is null/],
  [
    "tensor",
    () => cg.tensor([2], new Uint8Array(2)),
    "bad-argument",
    /data is an? Uint8Array of 2/,
  ],
  [
    "tensor",
    () => cg.tensor([3], new Float32Array(2)),
    "shape-mismatch",
    /data\.length is 2; expected 3/,
  ],
  ["tensor", () => disposed.data, "disposed", /^tensor: data is a tensor that has been disposed/],

  // Results on top of arguments.
  [
    "avgPool2d",
    avgWith({ kernel: 1, out: x }),
    "bad-argument",
    /out is in the same memory as x; expect/,
  ],
  [
    "avgPool2d",
    () => cg.avgPool2d(resident, { kernel: 1, out: resident }),
    "bad-argument",
    /out is in the same memory as x/,
  ],
  [
    "avgPool2d",
    () => cg.avgPool2d(resident, { kernel: 1, out: plain(x.shape, resident.data) }),
    "bad-argument",
    /out is in the same memory as x/,
  ],
  [
    "avgPool2d",
    () => cg.avgPool2d(at([1, 1, 10, 10], 0), { kernel: 1, out: at([1, 1, 10, 10], 99) }),
    "bad-argument",
    /out is in the same memory as x/,
  ],
  [
    "conv2dBackward",
    backWith({ out: { dw: at(w.shape, 0), db: at([6], 107) } }),
    "bad-argument",
    /out\.db is in the same memory as out\.dw; expected memory of its own/,
  ],
  [
    "conv2dBackward",
    backWith({ need: { dw: false }, out: { dx: x } }),
    "bad-argument",
    /out\.dx is in the same memory as x/,
  ],
  [
    "conv2d",
    convWith({ out: disposed }),
    "disposed",
    /^conv2d: out is a tensor that has been disposed/,
  ],
  [
    "avgPool2d",
    avgWith({ kernel: 1, out: foreign }),
    "bad-argument",
    /out is a tensor of another inst/,
  ],
  [
    "avgPool2d",
    avgWith({ out: where }),
    "bad-argument",
    /out\.data is an? Int32Array of 48; expected /,
  ],
  [
    "maxPool2d",
    maxWith({ out: { indices: pooled } }),
    "bad-argument",
    /out\.indices\.data is a Float32/,
  ],
];

describe("refused", () => {
  const scenery = [x, w, y, pooled, where, resident, foreign, { data: buffer }];
  const before = scenery.map(({ data }) => data.slice());
  for (const run of Object.values(good)) run();
  const expected = Object.fromEntries(Object.entries(good).map(([op, run]) => [op, run()]));

  for (const [op, run, code, words] of refusals) {
    test(`${op}: ${code}: ${words.source}`, () => {
      cg.releaseMemory();
      const { live, tensors } = cg.memory();
      assert.throws(run, (error) => {
        assert.ok(error instanceof ConvGradError && error instanceof Error);
        assert.equal(error.name, "ConvGradError");
        assert.equal(error.code, code, error.message);
        assert.match(error.message, words);
        return true;
      });
      scenery.forEach(({ data }, i) => {
        assert.deepEqual(data, before[i], "nothing is written");
      });
      assert.equal(cg.memory().tensors, tensors, "no tensor is left");
      // Staging may have grown for a refusal that only the module can utter: it is kept, not lost.
      cg.releaseMemory();
      assert.equal(cg.memory().live, live, "nothing leaks");
      assert.deepEqual(good[op](), expected[op], "the next call is right");
    });
  }

  test("every operation has been refused, and every code but those of load and memory seen", () => {
    const ops = new Set(refusals.map(([op]) => op));
    assert.deepEqual([...ops].sort(), Object.keys(good).sort());
    const codes = new Set(refusals.map(([, , code]) => code));
    const seen = ["bad-argument", "disposed", "empty-output", "shape-mismatch", "too-large"];
    assert.deepEqual([...codes].sort(), seen);
  });

  test("an error is made with its code and can have a cause", () => {
    const cause = new Error("why");
    const error = new ConvGradError("too-large", "words", { cause });
    assert.deepEqual([error.code, error.message, error.cause], ["too-large", "words", cause]);
  });
});

test("arrays side by side in one buffer do not overlap", () => {
  const [a, b] = [at([1, 1, 10, 10], 0), at([1, 1, 10, 10], 100)];
  assert.equal(cg.avgPool2d(a, { kernel: 1, out: b }), b);
});
