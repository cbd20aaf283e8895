import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { digits } from "./vite/digits.ts";
import { contentPolicy, isolation } from "./vite/headers.ts";
import { metaPolicy } from "./vite/metaPolicy.ts";
import { tex } from "./vite/tex.ts";
import { words } from "./vite/words.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here("."),
  // Relative addresses: the built page works from any folder of a static host.
  base: "./",
  publicDir: false,
  plugins: [digits(), tex(), words(), metaPolicy()],
  resolve: {
    // The package as anyone gets it: its build, by its name.
    alias: [{ find: /^convgrad$/, replacement: here("../../dist/index.js") }],
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  worker: { format: "es" },
  build: {
    outDir: here("../../build/page"),
    emptyOutDir: true,
    target: "es2022",
    // A module inlined as a data: address could not be fetched under the content policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // The development server injects inline scripts and styles, so it goes without the content policy.
  server: { headers: isolation, fs: { allow: [here("../..")] } },
  preview: { headers: { ...isolation, "Content-Security-Policy": contentPolicy } },
});
