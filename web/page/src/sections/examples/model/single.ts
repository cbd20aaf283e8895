// One sample, one channel, 3×3, and one kernel 2×2: img2col and back again by col2img.
import type { ConvGrad } from "convgrad";
import {
  counting,
  given,
  product,
  rowsOfPositions,
  shown,
  transposed,
  type Worked,
} from "./worked.ts";

const X = counting([1, 1, 3, 3]);
const W = counting([1, 1, 2, 2]);
const DELTA_IN = counting([1, 1, 2, 2]);
const KERNEL = { kernel: [2, 2] as const };

/** The chapter's print. */
const PRINTED = {
  colX: [0, 1, 3, 4, 1, 2, 4, 5, 3, 4, 6, 7, 4, 5, 7, 8],
  colW: [0, 1, 2, 3],
  deltaIn2d: [0, 1, 2, 3],
  dB: [6],
  dW: [19, 25, 37, 43],
  dcol: [0, 0, 0, 0, 0, 1, 2, 3, 0, 2, 4, 6, 0, 3, 6, 9],
  deltaOut: [0, 0, 1, 0, 4, 6, 4, 12, 9],
};

export function workSingle(cg: ConvGrad): Worked {
  const colX = cg.im2col(X, KERNEL);
  const colW = transposed(cg.im2col(W, KERNEL));
  const z = cg.conv2d(X, W, { algorithm: "im2col" });
  const deltaIn2d = rowsOfPositions(DELTA_IN);
  const options = { algorithm: "im2col", reduction: "mean" } as const;
  const { dx, dw, db } = cg.conv2dBackward(DELTA_IN, X, W, options);
  const dW2d = product(cg, transposed(colX), deltaIn2d);
  const dcol = product(cg, deltaIn2d, transposed(colW));
  const deltaOut = cg.col2im(dcol, X.shape, KERNEL);
  return {
    id: "single",
    parts: [
      given({ note: "singleX", word: "x" }, X),
      shown(
        { note: "colX", word: "col_x", code: "cg.im2col(x, { kernel: 2 })" },
        colX,
        PRINTED.colX,
      ),
      given({ note: "singleW", word: "w", planes: "filters" }, W),
      shown(
        { note: "colW", word: "col_w", code: "cg.im2col(w, { kernel: 2 })ᵀ" },
        colW,
        PRINTED.colW,
      ),
      shown(
        {
          note: "forward",
          word: "col_x · col_w",
          code: 'cg.conv2d(x, w, { algorithm: "im2col" })',
        },
        z,
        product(cg, colX, colW).data,
        "otherWay",
      ),
      given({ note: "deltaIn", word: "delta_in", code: "dy" }, DELTA_IN),
      shown(
        { note: "deltaIn2d", word: "delta_in_2d", code: "dy → [N·OH·OW, K]" },
        deltaIn2d,
        PRINTED.deltaIn2d,
      ),
      shown({ note: "dB", word: "dB", code: "cg.conv2dBackward(…).db" }, db, PRINTED.dB),
      shown({ note: "dW2d", word: "dW = col_xᵀ · delta_in_2d", code: "dw" }, dW2d, PRINTED.dW),
      shown(
        { note: "dW", word: "dW", code: "cg.conv2dBackward(…).dw", planes: "filters" },
        dw,
        PRINTED.dW,
      ),
      shown(
        { note: "dcol", word: "dcol = delta_in_2d · col_wᵀ", code: "dcol" },
        dcol,
        PRINTED.dcol,
      ),
      shown(
        { note: "deltaOut", word: "delta_out", code: "cg.col2im(dcol, x.shape, { kernel: 2 })" },
        deltaOut,
        PRINTED.deltaOut,
      ),
      shown(
        { note: "deltaOutDirect", word: "delta_out", code: "cg.conv2dBackward(…).dx" },
        dx,
        PRINTED.deltaOut,
      ),
    ],
  };
}
