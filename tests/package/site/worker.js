import { run } from "./run.js";

self.onmessage = async ({ data }) => self.postMessage(await run(data));
