// Convolution as one would write it first in JavaScript: plain loops, sums in double precision. The
// page runs it beside the package for scale, and as a second opinion on the results.
import type { PlainTensor } from "convgrad";

export interface Conv2dWindow {
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly groups: number;
}

type Extents4 = readonly [number, number, number, number];

/** y[N,K,OH,OW] from x[N,C,H,W], w[K,C/groups,R,S] and b[K]. */
export function conv2d(
  x: PlainTensor,
  w: PlainTensor,
  b: PlainTensor,
  window: Conv2dWindow,
  y: PlainTensor,
): void {
  const [, , height, width] = x.shape as Extents4;
  const [filters, groupC, kernelH, kernelW] = w.shape as Extents4;
  const [n, , oh, ow] = y.shape as Extents4;
  const { stride, padding, dilation, groups } = window;
  const groupK = filters / groups;
  const channels = groupC * groups;
  for (let i = 0; i < n; ++i) {
    for (let k = 0; k < filters; ++k) {
      const firstC = Math.floor(k / groupK) * groupC;
      for (let p = 0; p < oh; ++p) {
        for (let q = 0; q < ow; ++q) {
          let sum = b.data[k] as number;
          for (let c = 0; c < groupC; ++c) {
            const plane = (i * channels + firstC + c) * height;
            for (let r = 0; r < kernelH; ++r) {
              const row = p * stride[0] + r * dilation[0] - padding[0];
              if (row < 0 || row >= height) continue;
              for (let s = 0; s < kernelW; ++s) {
                const column = q * stride[1] + s * dilation[1] - padding[1];
                if (column < 0 || column >= width) continue;
                const a = x.data[(plane + row) * width + column] as number;
                sum += a * (w.data[((k * groupC + c) * kernelH + r) * kernelW + s] as number);
              }
            }
          }
          y.data[((i * filters + k) * oh + p) * ow + q] = sum;
        }
      }
    }
  }
}

/** dx, dw and db from dy[N,K,OH,OW]: each product of the forward pass, once more for each factor. */
export function conv2dBackward(
  dy: PlainTensor,
  x: PlainTensor,
  w: PlainTensor,
  window: Conv2dWindow,
  mean: boolean,
  out: { readonly dx: PlainTensor; readonly dw: PlainTensor; readonly db: PlainTensor },
): void {
  const [, , height, width] = x.shape as Extents4;
  const [filters, groupC, kernelH, kernelW] = w.shape as Extents4;
  const [n, , oh, ow] = dy.shape as Extents4;
  const { stride, padding, dilation, groups } = window;
  const groupK = filters / groups;
  const channels = groupC * groups;
  const dx = new Float64Array(x.data.length);
  const dw = new Float64Array(w.data.length);
  const db = new Float64Array(filters);
  for (let i = 0; i < n; ++i) {
    for (let k = 0; k < filters; ++k) {
      const firstC = Math.floor(k / groupK) * groupC;
      for (let p = 0; p < oh; ++p) {
        for (let q = 0; q < ow; ++q) {
          const delta = dy.data[((i * filters + k) * oh + p) * ow + q] as number;
          db[k] = (db[k] as number) + delta;
          for (let c = 0; c < groupC; ++c) {
            const plane = (i * channels + firstC + c) * height;
            for (let r = 0; r < kernelH; ++r) {
              const row = p * stride[0] + r * dilation[0] - padding[0];
              if (row < 0 || row >= height) continue;
              for (let s = 0; s < kernelW; ++s) {
                const column = q * stride[1] + s * dilation[1] - padding[1];
                if (column < 0 || column >= width) continue;
                const at = (plane + row) * width + column;
                const tap = ((k * groupC + c) * kernelH + r) * kernelW + s;
                dx[at] = (dx[at] as number) + delta * (w.data[tap] as number);
                dw[tap] = (dw[tap] as number) + delta * (x.data[at] as number);
              }
            }
          }
        }
      }
    }
  }
  const share = mean && n > 0 ? 1 / n : 1;
  out.dx.data.set(dx);
  out.dw.data.set(dw.map((value) => value * share));
  out.db.data.set(db.map((value) => value * share));
}
