import { defineConfig } from "vite";
import { digits } from "./vite/digits.ts";
import { contentPolicy, isolation } from "./vite/headers.ts";
import { metaPolicy } from "./vite/metaPolicy.ts";
import { reference } from "./vite/reference/plugin.ts";
import { serviceWorker } from "./vite/serviceWorker.ts";
import { here, shared } from "./vite/shared.ts";
import { tex } from "./vite/tex.ts";
import { words } from "./vite/words.ts";

/** The page as a static site. */
export default defineConfig({
  ...shared,
  plugins: [digits(), tex(), words(), reference(), metaPolicy(), serviceWorker()],
  worker: { format: "es" },
  build: {
    outDir: here("../../build/page"),
    emptyOutDir: true,
    target: "es2022",
    // A module inlined as a data: address could not be fetched under the content policy.
    assetsInlineLimit: 0,
    modulePreload: false,
    rolldownOptions: {
      input: {
        index: here("index.html"),
        api: here("api/index.html"),
        sw: here("src/offline/serviceWorker.ts"),
      },
      output: {
        // The service worker answers for its own folder and below, and its address never changes.
        entryFileNames: ({ name }) => (name === "sw" ? "sw.js" : "assets/[name]-[hash].js"),
      },
    },
  },
  // The development server injects inline scripts and styles, so it goes without the content policy.
  server: { headers: isolation, fs: { allow: [here("../..")] } },
  preview: { headers: { ...isolation, "Content-Security-Policy": contentPolicy } },
});
