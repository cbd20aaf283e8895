/** The elements' worker, beside their script in the package. */
export const spawn = (): Worker =>
  new Worker(new URL("./element-worker.js", import.meta.url), { type: "module" });
