// Runs in the page, in a worker of the page's own and in the package's, and leaves the answers in the
// document.
import { load } from "convgrad";
import { load as loadInWorker } from "convgrad/worker";
import { check } from "./check.js";

function checkInWorker() {
  const worker = new Worker(new URL("./work.js", import.meta.url), { type: "module" });
  return new Promise((resolve) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => resolve({ failed: message ?? "the worker does not start" });
  });
}

// One after the other, so that none waits for another's threads to get a core.
const answers = [await check(load), await checkInWorker(), await check(loadInWorker)];
document.documentElement.dataset.answer = JSON.stringify(answers);
