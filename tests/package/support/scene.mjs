// The instance on which refusals are tried, one good call of each operation, and what stands around.
import { load } from "./data.mjs";

export const cg = await load();
const other = await load();

export const plain = (
  shape,
  data = new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1),
) => ({
  data,
  shape,
});
export const indices = (shape, value = 0) =>
  plain(shape, new Int32Array(shape.reduce((a, b) => a * b, 1)).fill(value));

export const x = plain([2, 4, 6, 5]);
export const w = plain([6, 2, 3, 3]);
export const y = plain([2, 6, 4, 3]);
export const o = { groups: 2 };
export const pool = { kernel: 2 };
export const pooled = plain([2, 4, 3, 2]);
export const where = indices([2, 4, 3, 2]);
export const good = {
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

export const disposed = cg.tensor([2, 4, 6, 5]);
disposed.dispose();
export const foreign = other.tensor([2, 4, 6, 5]);
export const resident = cg.tensor([2, 4, 6, 5]);
export const buffer = new Float32Array(1000);
export const at = (shape, offset) =>
  plain(shape, buffer.subarray(offset, offset + shape.reduce((a, b) => a * b, 1)));
export const convWith = (options) => () => cg.conv2d(x, w, { ...o, ...options });
export const backWith = (options) => () => cg.conv2dBackward(y, x, w, { ...o, ...options });
export const maxWith = (options) => () => cg.maxPool2d(x, { ...pool, ...options });
export const avgWith = (options) => () => cg.avgPool2d(x, { ...pool, ...options });
