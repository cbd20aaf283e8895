// The shapes that the package tests go through: few, and each for a reason. The kernels' own table of
// shapes is the C++ tests' matter; here the window's forms and their way through the package count.

export const convolutions = [
  { name: "the chapter's 3x3 with 2x2", x: [1, 1, 3, 3], w: [1, 1, 2, 2] },
  { name: "batch and two filters", x: [2, 3, 3, 3], w: [2, 3, 2, 2] },
  { name: "no batch at all", x: [0, 3, 5, 5], w: [4, 3, 3, 3], options: { padding: 1 } },
  { name: "1x1", x: [2, 5, 4, 6], w: [7, 5, 1, 1] },
  { name: "padding on every side", x: [2, 3, 7, 9], w: [4, 3, 3, 3], options: { padding: 1 } },
  { name: "padding by axis", x: [1, 2, 6, 5], w: [3, 2, 3, 5], options: { padding: [1, 2] } },
  {
    name: "padding by side, wider than the kernel",
    x: [1, 2, 5, 4],
    w: [3, 2, 2, 3],
    options: { padding: [3, 0, 1, 4] },
  },
  {
    name: "stride by axis",
    x: [2, 2, 11, 8],
    w: [5, 2, 3, 2],
    options: { stride: [3, 2], padding: [1, 0, 0, 1] },
  },
  { name: "dilation", x: [1, 3, 9, 11], w: [2, 3, 3, 3], options: { dilation: [2, 3] } },
  { name: "groups", x: [2, 6, 5, 5], w: [4, 3, 3, 3], options: { groups: 2, padding: 1 } },
  {
    name: "depthwise with two filters a channel",
    x: [1, 5, 6, 6],
    w: [10, 1, 3, 3],
    options: { groups: 5, stride: 2 },
  },
  { name: "same, even kernel", x: [1, 1, 5, 7], w: [1, 1, 2, 4], options: { padding: "same" } },
  {
    name: "same with stride and dilation",
    x: [1, 2, 7, 10],
    w: [3, 2, 3, 3],
    options: { padding: "same", stride: [2, 3], dilation: 2 },
  },
  { name: "valid", x: [1, 1, 6, 6], w: [2, 1, 3, 3], options: { padding: "valid" } },
  { name: "one position, large stride", x: [3, 2, 4, 4], w: [2, 2, 4, 4], options: { stride: 9 } },
  { name: "a row of 33 columns", x: [1, 3, 3, 35], w: [9, 3, 3, 3] },
];

export const poolings = [
  { name: "the chapter's 2x2", x: [2, 3, 8, 8], options: { kernel: 2 } },
  { name: "overlapping windows", x: [1, 2, 7, 6], options: { kernel: 3, stride: 1 } },
  { name: "not square at all", x: [2, 1, 9, 5], options: { kernel: [3, 2], stride: [2, 1] } },
  { name: "no batch at all", x: [0, 2, 6, 6], options: { kernel: 2 } },
  { name: "padding", x: [1, 2, 6, 7], options: { kernel: 3, stride: 2, padding: 1 } },
  { name: "padding by side", x: [1, 1, 5, 5], options: { kernel: 3, padding: [2, 1, 0, 2] } },
  { name: "dilation", x: [1, 2, 9, 9], options: { kernel: [2, 3], stride: 1, dilation: [3, 2] } },
  { name: "ceilMode", x: [1, 2, 7, 8], options: { kernel: 2, stride: 3, ceilMode: true } },
  {
    name: "ceilMode whose last window would start in the padding",
    x: [1, 1, 5, 6],
    options: { kernel: 2, padding: 1, ceilMode: true },
  },
  { name: "same", x: [1, 2, 7, 10], options: { kernel: 3, stride: 2, padding: "same" } },
  { name: "the whole plane", x: [3, 5, 4, 6], options: { kernel: [4, 6] } },
  { name: "a row of 33 windows", x: [1, 3, 2, 66], options: { kernel: 2 } },
];

const both = (value) => (typeof value === "number" ? [value, value] : value);

/** [top, left, bottom, right], worked out here from the definition of each form. */
export function padsOf(padding, [h, w], kernel, stride, dilation) {
  if (padding === undefined || padding === "valid") return [0, 0, 0, 0];
  if (padding === "same") {
    const sides = [
      [0, 0],
      [0, 0],
    ];
    [h, w].forEach((extent, axis) => {
      const covered = dilation[axis] * (kernel[axis] - 1) + 1;
      const needed = (Math.ceil(extent / stride[axis]) - 1) * stride[axis] + covered;
      // One by one, beginning at the end: the odd one stays there.
      for (let missing = needed - extent, end = 1; missing > 0; --missing, end = 1 - end) {
        ++sides[axis][end];
      }
    });
    return [sides[0][0], sides[1][0], sides[0][1], sides[1][1]];
  }
  const given = both(padding);
  return given.length === 2 ? [...given, ...given] : given;
}

/** The window that options describe, for the reference. */
export function windowFor(xShape, kernel, options = {}, defaultStride = 1) {
  const stride = both(options.stride ?? defaultStride);
  const dilation = both(options.dilation ?? 1);
  const pads = padsOf(options.padding, xShape.slice(2), kernel, stride, dilation);
  return { kernel, stride, dilation, pads };
}
