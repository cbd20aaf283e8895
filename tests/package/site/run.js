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

/** What runs and what it calculates; as { failed } what went wrong. */
export async function run(simd) {
  try {
    const cg = await load({ simd });
    return { info: cg.info, results: calculate(cg), evaluates: evaluates() };
  } catch (error) {
    return { failed: String(error) };
  }
}
