import type { Plugin } from "vite";
import { contentPolicy } from "./headers.ts";

/** Writes the content policy into the built page, for hosts that send no headers of one's own. */
export function metaPolicy(): Plugin {
  return {
    name: "convgrad:meta-policy",
    apply: "build",
    transformIndexHtml: () => [
      {
        tag: "meta",
        attrs: { "http-equiv": "Content-Security-Policy", content: contentPolicy },
        injectTo: "head-prepend",
      },
    ],
  };
}
