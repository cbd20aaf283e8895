import { defineConfig } from "vite";
import { digits } from "./vite/digits.ts";
import { here, shared } from "./vite/shared.ts";
import { singleFile, withoutThreads } from "./vite/singleFile.ts";
import { tex } from "./vite/tex.ts";
import { words } from "./vite/words.ts";

/** The page as one file that needs no host: everything it would fetch is in it. */
export default defineConfig({
  ...shared,
  mode: "single",
  plugins: [digits("inline"), tex(), words(), withoutThreads(), singleFile("convgrad.html")],
  resolve: {
    alias: [
      // Single-threaded, for files can share no memory.
      { find: /^convgrad$/, replacement: here("src/single/convgrad.ts") },
      { find: /^.*\/spawn\.ts$/, replacement: here("src/single/spawn.ts") },
    ],
  },
  worker: { format: "iife", plugins: () => [withoutThreads()] },
  build: {
    outDir: here("../../build/page"),
    emptyOutDir: false,
    target: "es2022",
    assetsInlineLimit: () => true,
    modulePreload: false,
    rolldownOptions: { output: { codeSplitting: false } },
  },
});
