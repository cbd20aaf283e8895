import { fileURLToPath } from "node:url";
import type { UserConfig } from "vite";

/** A path inside web/page. */
export const here = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** What all builds of the page have in common: the site, the one file, the elements. */
export const shared = {
  root: here("."),
  // Relative addresses: what is built works from any folder.
  base: "./",
  publicDir: false,
  resolve: {
    // The package as anyone gets it: its build, by its name.
    alias: [{ find: /^convgrad$/, replacement: here("../../dist/index.js") }],
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
} satisfies UserConfig;
