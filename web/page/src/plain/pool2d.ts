// Pooling as one would write it first in JavaScript: plain loops, sums in double precision.
import type { PlainTensor } from "convgrad";

export interface Pool2dWindow {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly dilation: readonly [number, number];
  /** Mean pooling: divide by the taps inside the padded input instead of the input. */
  readonly countIncludePad: boolean;
}

type Extents4 = readonly [number, number, number, number];

/** y and indices [N,C,OH,OW]: the first maximum of each window, and where it stands in its plane. */
export function maxPool2d(
  x: PlainTensor,
  window: Pool2dWindow,
  y: PlainTensor,
  indices: PlainTensor<Int32Array>,
): void {
  const [n, c, height, width] = x.shape as Extents4;
  const [, , oh, ow] = y.shape as Extents4;
  const { kernel, stride, padding, dilation } = window;
  for (let plane = 0; plane < n * c; ++plane) {
    for (let p = 0; p < oh; ++p) {
      for (let q = 0; q < ow; ++q) {
        let best = Number.NEGATIVE_INFINITY;
        let where = -1;
        for (let r = 0; r < kernel[0]; ++r) {
          const row = p * stride[0] + r * dilation[0] - padding[0];
          if (row < 0 || row >= height) continue;
          for (let s = 0; s < kernel[1]; ++s) {
            const column = q * stride[1] + s * dilation[1] - padding[1];
            if (column < 0 || column >= width) continue;
            const value = x.data[(plane * height + row) * width + column] as number;
            // The first tap always counts; then a larger one; the first NaN stays.
            if (where < 0 || value > best || (Number.isNaN(value) && !Number.isNaN(best))) {
              best = value;
              where = row * width + column;
            }
          }
        }
        const at = (plane * oh + p) * ow + q;
        y.data[at] = best;
        indices.data[at] = where;
      }
    }
  }
}

/** dx[N,C,H,W]: each dy added where its maximum stood. */
export function maxPool2dBackward(
  dy: PlainTensor,
  indices: PlainTensor<Int32Array>,
  dx: PlainTensor,
): void {
  const [n, c, oh, ow] = dy.shape as Extents4;
  const [, , height, width] = dx.shape as Extents4;
  const sums = new Float64Array(dx.data.length);
  for (let plane = 0; plane < n * c; ++plane) {
    for (let at = plane * oh * ow; at < (plane + 1) * oh * ow; ++at) {
      const target = plane * height * width + (indices.data[at] as number);
      sums[target] = (sums[target] as number) + (dy.data[at] as number);
    }
  }
  dx.data.set(sums);
}

/** y[N,C,OH,OW]: the mean of each window. */
export function avgPool2d(x: PlainTensor, window: Pool2dWindow, y: PlainTensor): void {
  const [n, c, height, width] = x.shape as Extents4;
  const [, , oh, ow] = y.shape as Extents4;
  const { kernel, stride, padding, dilation } = window;
  for (let plane = 0; plane < n * c; ++plane) {
    for (let p = 0; p < oh; ++p) {
      for (let q = 0; q < ow; ++q) {
        let sum = 0;
        for (let r = 0; r < kernel[0]; ++r) {
          const row = p * stride[0] + r * dilation[0] - padding[0];
          if (row < 0 || row >= height) continue;
          for (let s = 0; s < kernel[1]; ++s) {
            const column = q * stride[1] + s * dilation[1] - padding[1];
            if (column < 0 || column >= width) continue;
            sum += x.data[(plane * height + row) * width + column] as number;
          }
        }
        const divisor = tapCount(window, 0, p, height) * tapCount(window, 1, q, width);
        y.data[(plane * oh + p) * ow + q] = sum / divisor;
      }
    }
  }
}

/** dx[N,C,H,W]: each dy spread evenly over its window. */
export function avgPool2dBackward(dy: PlainTensor, window: Pool2dWindow, dx: PlainTensor): void {
  const [n, c, oh, ow] = dy.shape as Extents4;
  const [, , height, width] = dx.shape as Extents4;
  const { kernel, stride, padding, dilation } = window;
  const sums = new Float64Array(dx.data.length);
  for (let plane = 0; plane < n * c; ++plane) {
    for (let p = 0; p < oh; ++p) {
      for (let q = 0; q < ow; ++q) {
        const divisor = tapCount(window, 0, p, height) * tapCount(window, 1, q, width);
        const share = (dy.data[(plane * oh + p) * ow + q] as number) / divisor;
        for (let r = 0; r < kernel[0]; ++r) {
          const row = p * stride[0] + r * dilation[0] - padding[0];
          if (row < 0 || row >= height) continue;
          for (let s = 0; s < kernel[1]; ++s) {
            const column = q * stride[1] + s * dilation[1] - padding[1];
            if (column < 0 || column >= width) continue;
            const at = (plane * height + row) * width + column;
            sums[at] = (sums[at] as number) + share;
          }
        }
      }
    }
  }
  dx.data.set(sums);
}

/**
 * How many taps of a window count along one axis: those inside the input, or inside the padded input.
 * With ceilMode the last window may reach beyond the padding; what lies there never counts.
 */
function tapCount(window: Pool2dWindow, axis: 0 | 1, position: number, extent: number): number {
  const { kernel, stride, padding, dilation, countIncludePad } = window;
  const from = countIncludePad ? -padding[axis] : 0;
  const to = countIncludePad ? extent + padding[axis] : extent;
  let count = 0;
  for (let tap = 0; tap < kernel[axis]; ++tap) {
    const at = position * stride[axis] + tap * dilation[axis] - padding[axis];
    if (at >= from && at < to) ++count;
  }
  return count;
}
