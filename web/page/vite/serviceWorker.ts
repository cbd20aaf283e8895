import { createHash } from "node:crypto";
import type { Plugin } from "vite";

const PLACE = "__BUILD__";
const FILE = "sw.js";

/**
 * Writes into the service worker, an entry of the build named sw.js, which files the build has; documents
 * by the address of their folder, since not every host knows them as index.html.
 */
export function serviceWorker(): Plugin {
  return {
    name: "convgrad:service-worker",
    apply: "build",
    generateBundle: {
      // The documents are made last.
      order: "post",
      handler(_options, bundle) {
        const worker = bundle[FILE];
        if (worker?.type !== "chunk") throw new Error(`the build has no ${FILE}`);
        const hash = createHash("sha256").update(worker.code);
        const documents: string[] = [];
        const assets: string[] = [];
        for (const [name, file] of Object.entries(bundle).sort(([a], [b]) => (a < b ? -1 : 1))) {
          if (name === FILE) continue;
          hash.update(name).update(file.type === "chunk" ? file.code : file.source);
          if (name.endsWith(".html")) documents.push(name.replace(/index\.html$/, "") || "./");
          else assets.push(name);
        }
        const build = { version: hash.digest("hex").slice(0, 16), documents, assets };
        worker.code = worker.code.replaceAll(PLACE, JSON.stringify(build));
      },
    },
  };
}
