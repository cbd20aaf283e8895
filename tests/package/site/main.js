// Calculates in a worker and in the page, and says to the console what came of it.
import { run } from "./run.js";

const violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  violations.push(`${event.violatedDirective} ${event.blockedURI}`);
});

function inWorker(simd) {
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  return new Promise((resolve) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => resolve({ failed: message ?? "the worker does not start" });
    worker.postMessage(simd);
  });
}

const simd = new URL(location.href).searchParams.get("simd");
const worker = await inWorker(simd);
const page = await run(simd);
console.log(JSON.stringify({ worker, page, isolated: crossOriginIsolated, violations }));
