// Runs in the page and in a worker of the page's own, and leaves the answers in the document.
import { load } from "convgrad";
import { check } from "./check.js";

const worker = new Worker(new URL("./work.js", import.meta.url), { type: "module" });
const fromWorker = new Promise((resolve) => {
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = ({ message }) => resolve({ failed: message ?? "the worker does not start" });
});
const answer = { page: await check(load), worker: await fromWorker };
document.documentElement.dataset.answer = JSON.stringify(answer);
