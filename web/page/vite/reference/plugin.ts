import { fileURLToPath } from "node:url";
import { type Plugin, runnerImport } from "vite";
import { readReference } from "./model.ts";

const PLACE = "<!-- reference -->";
const view = fileURLToPath(new URL("../../src/reference/Reference.tsx", import.meta.url));

/** Writes the reference into its document, as markup: its page has no script. */
export function reference(): Plugin {
  return {
    name: "convgrad:reference",
    transformIndexHtml: {
      order: "pre",
      async handler(html) {
        if (!html.includes(PLACE)) return html;
        const { module } = await runnerImport<typeof import("../../src/reference/Reference.tsx")>(
          view,
          {
            configFile: false,
            logLevel: "error",
            oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
          },
        );
        const markup = module.renderReference(await readReference());
        return html.replace(PLACE, () => markup);
      },
    },
  };
}
