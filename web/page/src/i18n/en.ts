import { en as examples } from "../sections/examples/text.en.ts";
import { en as lab } from "../sections/lab/text.en.ts";
import { en as lesson } from "../sections/lesson/text.en.ts";
import type { Words } from "./words.ts";
import type { zh } from "./zh.ts";

export const en: Words<typeof zh> = {
  page: {
    title: "convgrad: convolution and pooling, forward and backward",
    purpose:
      "2-D convolution and pooling on the browser's CPU, forward and backward, with every number open to check.",
    language: "Language",
    sections: "Sections of this page",
    skip: "Skip to the content",
    live: "Every number on this page is computed by convgrad, now.",
    reference: "API reference",
    single: "This page as one file, to keep and to open without a network",
  },
  engine: {
    title: "What runs",
    starting: "Loading WebAssembly …",
    failed: "convgrad could not start.",
    browser: "Browser",
    build: "SIMD build",
    baseline: "baseline SIMD",
    relaxed: "relaxed SIMD (fused multiply-add)",
    threads: "Threads",
    isolated: "Cross-origin isolated",
    yes: "yes",
    no: "no",
    clock: "Timer step",
    version: "Version",
    threadsOn: "Turn threads on",
    threadsOff: "Turn threads off",
    threadsNote: {
      off: "This host sends no headers for them; a service worker can add them. The page is loaded anew.",
      starting: "Turning threads on: the page will be loaded anew.",
      on: "Threads run by the page's service worker.",
      refused: "Threads could not be turned on here: the browser does not isolate this page.",
    },
  },
  errors: {
    "shape-mismatch": "The shapes of two arguments contradict each other.",
    "bad-argument": "An argument has a value that is not allowed.",
    "empty-output": "The window does not fit into the padded input: there is no output.",
    "too-large": "A tensor is larger than WebAssembly's memory can address.",
    "out-of-memory": "Out of memory. A smaller batch, fewer channels or a smaller size will do.",
    disposed: "A tensor was used after it had been disposed of.",
    "unsupported-engine": "This browser lacks the WebAssembly SIMD that is needed.",
    unknown: "Something unexpected went wrong.",
    original: "In its own words:",
  },
  unit: { ms: "ms", us: "µs", s: "s" },
  examples,
  lab,
  lesson,
};
