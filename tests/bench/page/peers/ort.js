// ort-web: one Conv node; the filters are a constant of the model, which ORT packs in advance.
import { model } from "../onnx.js";

let ort;

export async function start(threads) {
  ort = await import("/node_modules/onnxruntime-web/dist/ort.wasm.min.mjs");
  ort.env.wasm.numThreads = threads;
}

export const windowAttributes = ({ r, s, stride, padding, dilation, groups }) => ({
  kernel_shape: [r, s],
  strides: [stride, stride],
  pads: [padding, padding, padding, padding],
  dilations: [dilation, dilation],
  group: groups,
});

/** An entry that runs a model of one node on the given feeds. */
export async function entry(ort, node, feeds) {
  const session = await ort.InferenceSession.create(model(node), { executionProviders: ["wasm"] });
  const given = Object.fromEntries(
    Object.entries(feeds).map(([name, { shape, data }]) => [
      name,
      new ort.Tensor("float32", data, shape),
    ]),
  );
  return {
    bound: 32,
    asynchronous: true,
    run: () => session.run(given),
    results: async () => {
      const results = await session.run(given);
      return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, data]));
    },
    dispose: () => session.release(),
  };
}

export async function conv2dEntry(problem) {
  const { direction, data, shapes } = problem;
  if (direction !== "forward") return null;
  const node = {
    type: "Conv",
    attributes: windowAttributes(problem),
    inputs: { x: shapes.x },
    constants: { w: data.w },
    outputs: { y: shapes.y },
  };
  return entry(ort, node, { x: data.x });
}

/** Pooling forward; ort-web has no gradient of it. */
export async function pool2dEntry({ kind, backward, kernel, stride, data, shapes }) {
  if (backward) return null;
  const node = {
    type: kind === "max" ? "MaxPool" : "AveragePool",
    attributes: { kernel_shape: [kernel, kernel], strides: [stride, stride] },
    inputs: { x: shapes.x },
    outputs: { y: shapes.y },
  };
  return entry(ort, node, { x: data.x });
}
