// Loads the package and the package in a worker, and says to the console what came of both.
import { load } from "/dist/index.js";
import { load as loadWorker } from "/dist/worker.js";

const violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  violations.push(event.violatedDirective);
});

/** The chapter's convolution backward, which says whether numbers are right. */
async function tryOut(start) {
  try {
    const cg = await start({ threads: 2 });
    const x = { data: Float32Array.from({ length: 9 }, (_, i) => i), shape: [1, 1, 3, 3] };
    const w = { data: Float32Array.of(0, 1, 2, 3), shape: [1, 1, 2, 2] };
    const { dx } = await cg.conv2dBackward(w, x, w);
    const { threads } = cg.info;
    cg.dispose();
    return { threads, dx: [...dx.data].join() };
  } catch ({ code, message }) {
    return { code, message };
  }
}

const page = await tryOut(load);
const worker = await tryOut(loadWorker);
console.log(JSON.stringify({ page, worker, violations, isolated: crossOriginIsolated }));
