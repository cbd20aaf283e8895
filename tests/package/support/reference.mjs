// The operations once more, as plainly as they can be written, in double precision and from the
// formulas alone: what the package is compared with. Each result carries the sum of the absolute values
// of its terms, element by element, which scales the tolerance.

/** A window in full: kernel, stride, dilation as [h, w], pads as [top, left, bottom, right]. */
export function windowOf(kernel, { stride = [1, 1], pads = [0, 0, 0, 0], dilation = [1, 1] } = {}) {
  return { kernel, stride, pads, dilation };
}

export function outputExtents([h, w], { kernel, stride, pads, dilation }, ceilMode = false) {
  return [h, w].map((extent, axis) => {
    const padded = extent + pads[axis] + pads[axis + 2];
    const steps = (padded - dilation[axis] * (kernel[axis] - 1) - 1) / stride[axis];
    if (steps < 0) return 0;
    if (!ceilMode) return Math.floor(steps) + 1;
    const count = Math.ceil(steps) + 1;
    return (count - 1) * stride[axis] >= extent + pads[axis] ? count - 1 : count;
  });
}

const zeros = (shape) => {
  const count = shape.reduce((product, extent) => product * extent, 1);
  return { shape, data: new Float64Array(count), terms: new Float64Array(count) };
};

function add(result, at, value) {
  result.data[at] += value;
  result.terms[at] += Math.abs(value);
}

/** Calls visit(output row, output column, kernel row, kernel column, input row, input column). */
function forEachTap([h, w], window, [oh, ow], visit) {
  const { kernel, stride, pads, dilation } = window;
  for (let i = 0; i < oh; ++i) {
    for (let j = 0; j < ow; ++j) {
      for (let r = 0; r < kernel[0]; ++r) {
        for (let s = 0; s < kernel[1]; ++s) {
          const row = i * stride[0] + r * dilation[0] - pads[0];
          const column = j * stride[1] + s * dilation[1] - pads[1];
          if (row >= 0 && row < h && column >= 0 && column < w) visit(i, j, r, s, row, column);
        }
      }
    }
  }
}

/** Calls visit(index in y, in x, in w) for every product of a convolution. */
function forEachProduct(x, w, window, groups, visit) {
  const [n, c, h, width] = x.shape;
  const [k, groupC, r, s] = w.shape;
  const [oh, ow] = outputExtents([h, width], window);
  const groupK = k / groups;
  for (let sample = 0; sample < n; ++sample) {
    for (let filter = 0; filter < k; ++filter) {
      for (let channel = 0; channel < groupC; ++channel) {
        const plane = sample * c + Math.floor(filter / groupK) * groupC + channel;
        forEachTap([h, width], window, [oh, ow], (i, j, u, v, row, column) => {
          visit(
            ((sample * k + filter) * oh + i) * ow + j,
            (plane * h + row) * width + column,
            ((filter * groupC + channel) * r + u) * s + v,
          );
        });
      }
    }
  }
}

export function conv2d(x, w, bias, window, groups = 1) {
  const [oh, ow] = outputExtents(x.shape.slice(2), window);
  const y = zeros([x.shape[0], w.shape[0], oh, ow]);
  forEachProduct(x, w, window, groups, (iy, ix, iw) => add(y, iy, x.data[ix] * w.data[iw]));
  for (let i = 0; bias && i < y.data.length; ++i) {
    add(y, i, bias.data[Math.floor(i / (oh * ow)) % w.shape[0]]);
  }
  return y;
}

export function conv2dBackward(dy, x, w, window, groups = 1, mean = false) {
  const dx = zeros(x.shape);
  const dw = zeros(w.shape);
  const db = zeros([w.shape[0]]);
  forEachProduct(x, w, window, groups, (iy, ix, iw) => {
    add(dx, ix, dy.data[iy] * w.data[iw]);
    add(dw, iw, dy.data[iy] * x.data[ix]);
  });
  const plane = dy.shape[2] * dy.shape[3];
  for (const [i, value] of dy.data.entries()) add(db, Math.floor(i / plane) % w.shape[0], value);
  if (mean && x.shape[0] > 0) {
    for (const gradient of [dw, db]) {
      for (const part of [gradient.data, gradient.terms]) {
        part.forEach((value, i) => {
          part[i] = value / x.shape[0];
        });
      }
    }
  }
  return { dx, dw, db };
}

/** Calls visit(index in y, index of the input plane's first element, row, column) for every tap. */
function forEachPooled(shape, window, extents, visit) {
  const [n, c, h, w] = shape;
  const [oh, ow] = extents;
  for (let plane = 0; plane < n * c; ++plane) {
    forEachTap([h, w], window, extents, (i, j, _r, _s, row, column) => {
      visit((plane * oh + i) * ow + j, plane * h * w, row, column);
    });
  }
}

export function maxPool2d(x, window, ceilMode = false) {
  const extents = outputExtents(x.shape.slice(2), window, ceilMode);
  const y = zeros([...x.shape.slice(0, 2), ...extents]);
  y.data.fill(-Infinity);
  const indices = { shape: y.shape, data: new Int32Array(y.data.length).fill(-1) };
  forEachPooled(x.shape, window, extents, (iy, base, row, column) => {
    const index = row * x.shape[3] + column;
    const value = x.data[base + index];
    const best = y.data[iy];
    const first = indices.data[iy] < 0;
    if (first || (!Number.isNaN(best) && (Number.isNaN(value) || value > best))) {
      y.data[iy] = value;
      indices.data[iy] = index;
    }
  });
  return { y, indices };
}

export function maxPool2dBackward(dy, indices, shape) {
  const dx = zeros(shape);
  const planeIn = shape[2] * shape[3];
  const planeOut = dy.shape[2] * dy.shape[3];
  dy.data.forEach((value, i) => {
    add(dx, Math.floor(i / planeOut) * planeIn + indices.data[i], value);
  });
  return dx;
}

/** How many taps each output element is divided by. */
function divisors([h, w], window, extents, countIncludePad) {
  const { kernel, stride, pads, dilation } = window;
  const taps = (axis, position, extent) => {
    const [from, to] = countIncludePad ? [-pads[axis], extent + pads[axis + 2]] : [0, extent];
    let count = 0;
    for (let tap = 0; tap < kernel[axis]; ++tap) {
      const at = position * stride[axis] - pads[axis] + tap * dilation[axis];
      if (at >= from && at < to) ++count;
    }
    return count;
  };
  const [oh, ow] = extents;
  return Array.from(
    { length: oh * ow },
    (_, i) => taps(0, Math.floor(i / ow), h) * taps(1, i % ow, w),
  );
}

export function avgPool2d(x, window, { ceilMode = false, countIncludePad = false } = {}) {
  const extents = outputExtents(x.shape.slice(2), window, ceilMode);
  const y = zeros([...x.shape.slice(0, 2), ...extents]);
  const divide = divisors(x.shape.slice(2), window, extents, countIncludePad);
  forEachPooled(x.shape, window, extents, (iy, base, row, column) => {
    add(y, iy, x.data[base + row * x.shape[3] + column] / divide[iy % divide.length]);
  });
  return y;
}

export function avgPool2dBackward(
  dy,
  shape,
  window,
  { ceilMode = false, countIncludePad = false } = {},
) {
  const extents = outputExtents(shape.slice(2), window, ceilMode);
  const dx = zeros(shape);
  const divide = divisors(shape.slice(2), window, extents, countIncludePad);
  forEachPooled(shape, window, extents, (iy, base, row, column) => {
    add(dx, base + row * shape[3] + column, dy.data[iy] / divide[iy % divide.length]);
  });
  return dx;
}

/** Calls visit(index in col, index in x) for every tap inside the input. */
function forEachColumn(shape, window, visit) {
  const [n, c, h, w] = shape;
  const [r, s] = window.kernel;
  const [oh, ow] = outputExtents([h, w], window);
  for (let plane = 0; plane < n * c; ++plane) {
    const [sample, channel] = [Math.floor(plane / c), plane % c];
    forEachTap([h, w], window, [oh, ow], (i, j, u, v, row, column) => {
      const line = (sample * oh + i) * ow + j;
      visit(((line * c + channel) * r + u) * s + v, (plane * h + row) * w + column);
    });
  }
}

export function im2col(x, window) {
  const [n, c, h, w] = x.shape;
  const [oh, ow] = outputExtents([h, w], window);
  const col = zeros([n * oh * ow, c * window.kernel[0] * window.kernel[1]]);
  forEachColumn(x.shape, window, (to, from) => add(col, to, x.data[from]));
  return col;
}

export function col2im(col, shape, window) {
  const dx = zeros(shape);
  forEachColumn(shape, window, (from, to) => add(dx, to, col.data[from]));
  return dx;
}

export function rot180(w) {
  const [, , r, s] = w.shape;
  const out = zeros(w.shape);
  w.data.forEach((value, i) => {
    const within = i % (r * s);
    add(out, i - within + (r * s - 1 - within), value);
  });
  return out;
}

export function zeroInsert(dy, [strideH, strideW]) {
  const [n, k, oh, ow] = dy.shape;
  const [h, w] = [(oh - 1) * strideH + 1, (ow - 1) * strideW + 1];
  const out = zeros([n, k, h, w]);
  dy.data.forEach((value, i) => {
    const [plane, within] = [Math.floor(i / (oh * ow)), i % (oh * ow)];
    const [row, column] = [Math.floor(within / ow), within % ow];
    add(out, (plane * h + row * strideH) * w + column * strideW, value);
  });
  return out;
}
