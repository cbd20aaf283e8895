// Calls of the public API, made up from a seed, each with what the reference says of it.
import { countOf, integers, reals } from "../package/support/data.mjs";
import * as reference from "../package/support/reference.mjs";
import { windowFor } from "../package/support/shapes.mjs";

const zeroOr = (next, most) => Math.floor(next() * (most + 1));
export const pick = (next, list) => list[Math.floor(next() * list.length)];
/** Small ones more often: more calls in the same time. */
const upTo = (next, most) => Math.min(most, Math.floor((most + 1) ** next()));
const chance = (next, share) => next() < share;

/** A number for both directions, or one for each. */
function pair(next, most) {
  return chance(next, 0.5) ? upTo(next, most) : [upTo(next, most), upTo(next, most)];
}

function padding(next, most) {
  switch (zeroOr(next, 5)) {
    case 0:
      return zeroOr(next, most);
    case 1:
      return [zeroOr(next, most), zeroOr(next, most)];
    case 2:
      return [0, 0, 0, 0].map(() => zeroOr(next, most));
    case 3:
      return "same";
    case 4:
      return "valid";
    default:
      return undefined;
  }
}

/** Some of the options, the others left out. */
function some(next, entries) {
  return Object.fromEntries(Object.entries(entries).filter(() => chance(next, 0.6)));
}

const both = (value) => (typeof value === "number" ? [value, value] : value);

function convolution(next) {
  const groups = chance(next, 0.3) ? upTo(next, 4) : 1;
  const winograd = chance(next, 0.25);
  const kernel = winograd ? [3, 3] : [upTo(next, 5), upTo(next, 5)];
  const x = [zeroOr(next, 3), groups * upTo(next, 6), upTo(next, 20), upTo(next, 40)];
  const w = [groups * upTo(next, 9), x[1] / groups, ...kernel];
  const options = winograd
    ? { padding: padding(next, 4) }
    : some(next, { stride: pair(next, 3), dilation: pair(next, 3), padding: padding(next, 6) });
  if (groups > 1) options.groups = groups;
  const names = ["auto", "direct", "im2col", "reference"];
  if (winograd) names.push("winograd", "winograd", "winograd4");
  options.algorithm = pick(next, names);
  return { x, w, groups, options, window: windowFor(x, kernel, options) };
}

const pooled = (next) => {
  const kernel = pair(next, 5);
  const [h, w] = both(kernel);
  const options = some(next, {
    stride: pair(next, 6),
    dilation: pair(next, 2),
    padding: chance(next, 0.5) ? padding(next, Math.min(h, w) - 1) : undefined,
    ceilMode: chance(next, 0.5),
    algorithm: pick(next, ["auto", "direct", "im2col", "reference"]),
  });
  const x = [zeroOr(next, 3), upTo(next, 5), upTo(next, 20), upTo(next, 40)];
  return { x, options: { ...options, kernel }, window: windowFor(x, [h, w], options, kernel) };
};

const fits = (shape, window, ceilMode) =>
  reference.outputExtents(shape.slice(2), window, ceilMode).every((extent) => extent > 0);

/** A dilated window in the corner may see padding alone, which is refused. */
const sees = ({ x, window }) =>
  window.dilation.every(
    (dilation, axis) => dilation === 1 || window.pads[axis] + window.pads[axis + 2] === 0,
  ) &&
  window.pads.every((pad, side) => pad < window.kernel[side % 2]) &&
  x.length === 4;

/**
 * One call: `args` with plain tensors in them, `run(cg, args)`, and the `expected` results by their names.
 * Null where the seed made a window that does not fit.
 */
export function makeCall(next, op) {
  const data = chance(next, 0.7) ? integers : reals;
  const exact = data === integers;
  switch (op) {
    case "conv2d": {
      const { x, w, groups, options, window } = convolution(next);
      if (!fits(x, window)) return null;
      const tensors = [data(x, next), data(w, next)];
      if (chance(next, 0.5)) options.bias = data([w[0]], next);
      const y = reference.conv2d(...tensors, options.bias, window, groups);
      return { args: [...tensors, options], expected: { y }, exact, outs: ["y"] };
    }
    case "conv2dBackward": {
      const { x, w, groups, options, window } = convolution(next);
      if (!fits(x, window)) return null;
      const dy = data([x[0], w[0], ...reference.outputExtents(x.slice(2), window)], next);
      const tensors = [data(x, next), data(w, next)];
      if (chance(next, 0.3)) options.reduction = pick(next, ["sum", "mean"]);
      const mean = options.reduction === "mean";
      const expected = reference.conv2dBackward(dy, ...tensors, window, groups, mean);
      // Quotients are rounded.
      return {
        args: [dy, ...tensors, options],
        expected,
        exact: exact && !mean,
        outs: ["dx", "dw", "db"],
      };
    }
    case "maxPool2d":
    case "maxPool2dBackward": {
      const call = pooled(next);
      const { x, options, window } = call;
      if (!fits(x, window, options.ceilMode) || !sees(call)) return null;
      const input = data(x, next);
      const { y, indices } = reference.maxPool2d(input, window, options.ceilMode);
      if (op === "maxPool2d") {
        return {
          args: [input, options],
          expected: { y, indices },
          exact: true,
          outs: ["y", "indices"],
        };
      }
      const dy = data(y.shape, next);
      const where = { shape: [...y.shape], data: Int32Array.from(indices.data) };
      const dx = reference.maxPool2dBackward(dy, where, x);
      return { args: [dy, where, x, options], expected: { dx }, exact, outs: ["dx"] };
    }
    case "avgPool2d":
    case "avgPool2dBackward": {
      const call = pooled(next);
      const { x, options, window } = call;
      if (chance(next, 0.3)) options.countIncludePad = true;
      if (!fits(x, window, options.ceilMode) || !sees(call)) return null;
      const input = data(x, next);
      const y = reference.avgPool2d(input, window, options);
      if (op === "avgPool2d") {
        return { args: [input, options], expected: { y }, exact: false, outs: ["y"] };
      }
      const dy = data(y.shape, next);
      const dx = reference.avgPool2dBackward(dy, x, window, options);
      return { args: [dy, x, options], expected: { dx }, exact: false, outs: ["dx"] };
    }
    case "im2col":
    case "col2im": {
      const { x, w, options, window } = convolution(next);
      if (!fits(x, window)) return null;
      const { groups: _, algorithm: __, ...rest } = options;
      const o = { ...rest, kernel: w.slice(2) };
      const input = data(x, next);
      const y = reference.im2col(input, window);
      if (op === "im2col") return { args: [input, o], expected: { y }, exact: true };
      const col = data(y.shape, next);
      return { args: [col, x, o], expected: { dx: reference.col2im(col, x, window) }, exact };
    }
    case "rot180": {
      const w = data([upTo(next, 5), upTo(next, 5), upTo(next, 6), upTo(next, 6)], next);
      return { args: [w], expected: { y: reference.rot180(w) }, exact: true };
    }
    default: {
      const dy = data([zeroOr(next, 3), upTo(next, 4), upTo(next, 8), upTo(next, 8)], next);
      const stride = pair(next, 4);
      const y = reference.zeroInsert(dy, both(stride));
      return { args: [dy, stride], expected: { y }, exact: true };
    }
  }
}

export const operations = [
  ...["conv2d", "conv2d", "conv2dBackward", "conv2dBackward", "maxPool2d", "maxPool2dBackward"],
  ...["avgPool2d", "avgPool2dBackward", "im2col", "col2im", "rot180", "zeroInsert"],
];

/** What nobody should pass. */
const strange = [
  ...[undefined, null, Number.NaN, -1, 0, 0.5, 2 ** 31, 2 ** 40, Infinity, 3n, "", "same", "3"],
  ...[true, Symbol("s"), () => 1, [], [1], [2, 2], [1, 2, 3], {}, new Float32Array(4), new Date(0)],
  { data: new Float32Array(4), shape: [1, 1, 2, 2] },
  { data: new Int32Array(4), shape: [1, 1, 2, 2] },
  { data: new Float64Array(4), shape: [1, 1, 2, 2] },
];

const isPlain = (value) => Object.getPrototypeOf(value ?? 0) === Object.prototype;

/** The arguments with one thing in them exchanged for another, wherever it is. */
export function spoil(next, args) {
  const at = zeroOr(next, args.length - 1);
  const value = args[at];
  const copy = [...args];
  if (isPlain(value) && chance(next, 0.8)) {
    const name = pick(next, [...Object.keys(value), "stride", "out", "algorithm", "nonsense"]);
    const inner = value[name];
    copy[at] = { ...value, [name]: isPlain(inner) ? spoil(next, [inner])[0] : pick(next, strange) };
  } else if (Array.isArray(value) && chance(next, 0.7)) {
    copy[at] = value.map((item) => (chance(next, 0.3) ? pick(next, strange) : item));
  } else {
    copy[at] = pick(next, strange);
  }
  return copy;
}

export const emptyLike = ({ shape, data }) => ({
  shape: [...shape],
  data:
    data instanceof Int32Array ? new Int32Array(countOf(shape)) : new Float32Array(countOf(shape)),
});
