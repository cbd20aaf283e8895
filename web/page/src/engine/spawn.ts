/** Starts the page's worker. Builds that have it elsewhere replace this module. */
export const spawn = (): Worker =>
  new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
