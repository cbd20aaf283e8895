// The training build of ort-web 1.19.2, the last there was: one ConvGrad node, all three gradients.
import { entry, windowAttributes } from "./ort.js";

let ort;

export async function start(threads) {
  ort = await import("/node_modules/onnxruntime-web-training/dist/ort.training.wasm.min.mjs");
  ort.env.wasm.numThreads = threads;
}

export async function conv2dEntry(problem) {
  const { direction, data, shapes } = problem;
  if (direction !== "backward") return null;
  const node = {
    type: "ConvGrad",
    domain: "com.microsoft",
    attributes: windowAttributes(problem),
    inputs: { dy: shapes.dy, x: shapes.x, w: shapes.w },
    outputs: { dx: shapes.dx, dw: shapes.dw, db: shapes.db },
  };
  return entry(ort, node, { dy: data.dy, x: data.x, w: data.w });
}

/** It is here for its gradient of the convolution alone. */
export const pool2dEntry = () => null;
