// Tensors that are refused, as arguments and as out: [operation, call, code, words of the message].
import {
  at,
  avgWith,
  backWith,
  cg,
  convWith,
  disposed,
  foreign,
  indices,
  maxWith,
  o,
  plain,
  pool,
  pooled,
  resident,
  w,
  where,
  x,
} from "./scene.mjs";

export const refusedArguments = [
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
