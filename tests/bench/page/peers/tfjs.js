// tfjs-wasm: NHWC, filters [R, S, C, K]. Tensors are laid out before, results are disposed of at
// each call as tf.tidy would.
const { tf } = globalThis;

export async function start(threads) {
  tf.wasm.setWasmPaths("/node_modules/@tensorflow/tfjs-backend-wasm/dist/");
  if (threads === 1) tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  else tf.wasm.setThreadsCount(threads);
  await tf.setBackend("wasm");
  await tf.ready();
}

const kernel = (name, inputs, attributes) => tf.engine().runKernel(name, inputs, attributes);

/** A tensor of this NCHW data with its axes in another order. */
function transposed({ shape, data }, order) {
  const given = tf.tensor(data, shape);
  const result = tf.transpose(given, order);
  given.dispose();
  return result;
}

function read(tensor, order) {
  const back = tf.transpose(tensor, order);
  const data = back.dataSync();
  back.dispose();
  return data;
}

const nhwc = (plain) => transposed(plain, [0, 2, 3, 1]);
const readNhwc = (tensor) => read(tensor, [0, 3, 1, 2]);

/** An entry that runs `call`, which makes the results name -> tensor. */
function entry(call, tensors) {
  const release = (all) => {
    for (const tensor of Object.values(all)) tensor.dispose();
  };
  return {
    bound: 32,
    run: () => release(call()),
    results: () => {
      const results = call();
      const names = Object.keys(results);
      const data = Object.fromEntries(names.map((name) => [name, readNhwc(results[name])]));
      release(results);
      return data;
    },
    dispose: () => release(tensors),
  };
}

/** Forward and dx; null for what tfjs-wasm does not have. */
export function conv2dEntry({ direction, groups, c, k, stride, padding, dilation, data, shapes }) {
  const depthwise = groups === c && k === c && groups > 1;
  if (groups > 1 && !depthwise) return null;
  const attributes = {
    strides: [stride, stride],
    pad: padding,
    dataFormat: "NHWC",
    dilations: [dilation, dilation],
  };
  if (direction === "forward") {
    const x = nhwc(data.x);
    const filter = transposed(data.w, depthwise ? [2, 3, 0, 1] : [2, 3, 1, 0]);
    const name = depthwise ? "DepthwiseConv2dNative" : "Conv2D";
    return entry(() => ({ y: kernel(name, { x, filter }, attributes) }), { x, filter });
  }
  if (direction === "dx" && !depthwise && dilation === 1) {
    const dy = nhwc(data.dy);
    const filter = transposed(data.w, [2, 3, 1, 0]);
    const [n, channels, h, w] = shapes.x;
    const inputShape = [n, h, w, channels];
    const given = { ...attributes, inputShape };
    const call = () => ({ dx: kernel("Conv2DBackpropInput", { dy, filter }, given) });
    return entry(call, { dy, filter });
  }
  return null;
}

/** Pooling, forward or forward and backward. */
export function pool2dEntry({ kind, backward, kernel: size, stride, data }) {
  const [x, dy] = [nhwc(data.x), nhwc(data.dy)];
  const attributes = { filterSize: [size, size], strides: [stride, stride], pad: 0 };
  const name = kind === "max" ? "MaxPool" : "AvgPool";
  const forward = () => ({ y: kernel(name, { x }, attributes) });
  const both = () => {
    const { y } = forward();
    const inputs = kind === "max" ? { dy, input: x, output: y } : { dy, input: x };
    return { y, dx: kernel(`${name}Grad`, inputs, attributes) };
  };
  return entry(backward ? both : forward, { x, dy });
}
