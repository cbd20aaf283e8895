// Runs in the page and in the worker: loads the package as a static host has it, and calculates.
import { load } from "/dist/index.js";
import { calculate } from "./calculate.js";

function evaluates() {
  try {
    return new Function("return true")();
  } catch (error) {
    if (error instanceof EvalError) return false;
    throw error;
  }
}

/** A layer that is large enough for threads, several times, as code is compiled anew meanwhile. */
function large(cg) {
  const wave = (shape, step) => {
    const length = shape.reduce((product, extent) => product * extent, 1);
    return { shape, data: Float32Array.from({ length }, (_, i) => Math.sin(i * step)) };
  };
  const [x, w] = [wave([8, 8, 28, 28], 1), wave([16, 8, 3, 3], 2)];
  let text = "";
  for (let i = 0; i < 10; ++i) text += cg.conv2d(x, w, { padding: 1 }).data.join();
  return text;
}

function codeOf(call) {
  try {
    return `no error, but ${call()}`;
  } catch (error) {
    return error.code;
  }
}

/** What runs and what it calculates; as { failed } what went wrong. */
export async function run(simd) {
  try {
    const cg = await load({ simd, threads: 2 });
    const results = calculate(cg);
    const one = await load({ simd, threads: 1 });
    const same = large(cg) === large(one);
    cg.dispose();
    return { info: cg.info, results, same, evaluates: evaluates(), code: codeOf(() => large(cg)) };
  } catch (error) {
    return { failed: String(error) };
  }
}
