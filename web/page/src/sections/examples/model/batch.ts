// Two samples of three channels, two filters: the batch example, gradients divided by the batch.
import type { ConvGrad } from "convgrad";
import {
  counting,
  given,
  product,
  rowsOfPositions,
  shown,
  tensor,
  transposed,
  type Worked,
} from "./worked.ts";

const X = counting([2, 3, 3, 3]);
const W = counting([2, 3, 2, 2]);
const DELTA_IN = counting([2, 2, 2, 2]);
const KERNEL = { kernel: [2, 2] as const };

/** The chapter's print. */
const PRINTED = {
  deltaIn2d: [0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15],
  dW2d: [
    564, 812, 586, 850, 630, 926, 652, 964, 762, 1154, 784, 1192, 828, 1268, 850, 1306, 960, 1496,
    982, 1534, 1026, 1610, 1048, 1648,
  ],
  dW: [
    564, 586, 630, 652, 762, 784, 828, 850, 960, 982, 1026, 1048, 812, 850, 926, 964, 1154, 1192,
    1268, 1306, 1496, 1534, 1610, 1648,
  ],
  dcol: [
    [48, 52, 56, 60, 64, 68, 72, 76, 80, 84, 88, 92],
    [60, 66, 72, 78, 84, 90, 96, 102, 108, 114, 120, 126],
    [72, 80, 88, 96, 104, 112, 120, 128, 136, 144, 152, 160],
    [84, 94, 104, 114, 124, 134, 144, 154, 164, 174, 184, 194],
    [144, 164, 184, 204, 224, 244, 264, 284, 304, 324, 344, 364],
    [156, 178, 200, 222, 244, 266, 288, 310, 332, 354, 376, 398],
    [168, 192, 216, 240, 264, 288, 312, 336, 360, 384, 408, 432],
    [180, 206, 232, 258, 284, 310, 336, 362, 388, 414, 440, 466],
  ].flat(),
  deltaOut: [
    [48, 112, 66, 128, 296, 172, 88, 200, 114],
    [64, 152, 90, 176, 408, 236, 120, 272, 154],
    [80, 192, 114, 224, 520, 300, 152, 344, 194],
    [144, 320, 178, 352, 776, 428, 216, 472, 258],
    [224, 488, 266, 528, 1144, 620, 312, 672, 362],
    [304, 656, 354, 704, 1512, 812, 408, 872, 466],
  ].flat(),
};

export function workBatch(cg: ConvGrad): Worked {
  const batch = X.shape[0] as number;
  const colX = cg.im2col(X, KERNEL);
  const colW = transposed(cg.im2col(W, KERNEL));
  const deltaIn2d = rowsOfPositions(DELTA_IN);
  const summed = product(cg, transposed(colX), deltaIn2d);
  const dW2d = tensor(
    summed.shape,
    summed.data.map((value) => value / batch),
  );
  const dcol = product(cg, deltaIn2d, transposed(colW));
  const options = { algorithm: "im2col", reduction: "mean" } as const;
  const { dw } = cg.conv2dBackward(DELTA_IN, X, W, options);
  return {
    id: "batch",
    parts: [
      given({ note: "batchX", word: "x" }, X),
      given({ note: "batchW", word: "w", planes: "filters" }, W),
      given({ note: "batchDeltaIn", word: "delta_in", code: "dy" }, DELTA_IN),
      shown(
        { note: "deltaIn2d", word: "delta_in_2d", code: "dy → [N·OH·OW, K]" },
        deltaIn2d,
        PRINTED.deltaIn2d,
      ),
      shown(
        { note: "batchDW2d", word: "dW = col_xᵀ · delta_in_2d / batch_size", code: "dw" },
        dW2d,
        PRINTED.dW2d,
      ),
      shown(
        {
          note: "batchDW",
          word: "dW",
          code: 'cg.conv2dBackward(dy, x, w, { reduction: "mean" }).dw',
          planes: "filters",
        },
        dw,
        PRINTED.dW,
      ),
      shown(
        { note: "dcol", word: "dcol = delta_in_2d · col_wᵀ", code: "dcol" },
        dcol,
        PRINTED.dcol,
      ),
      shown(
        {
          note: "batchDeltaOut",
          word: "delta_out",
          code: "cg.col2im(dcol, x.shape, { kernel: 2 })",
        },
        cg.col2im(dcol, X.shape, KERNEL),
        PRINTED.deltaOut,
      ),
    ],
  };
}
