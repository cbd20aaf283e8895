// The programs and headers that convgrad is built with: where they are, and which are missing.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findEmcc, minimumEmcc } from "./emscripten.mjs";
import { atLeast, capture, parseVersion, which } from "./process.mjs";

const minimumCmake = [3, 25];

// The same folders and versions as in ../Dependencies.cmake.
const headerFolders = ["/usr/local/include", "/usr/include", "/opt/homebrew/include"];
const headers = {
  xsimd: { file: "xsimd/config/xsimd_config.hpp", macro: "XSIMD_VERSION", minimum: [13, 0, 0] },
  doctest: { file: "doctest/doctest.h", macro: "DOCTEST_VERSION", minimum: [2, 4, 9] },
};

function findHeaders({ file, macro, minimum }) {
  for (const folder of headerFolders) {
    const path = join(folder, file);
    if (!existsSync(path)) continue;
    const text = readFileSync(path, "utf8");
    const version = ["MAJOR", "MINOR", "PATCH"].map((part) =>
      Number(new RegExp(`#define ${macro}_${part} (\\d+)`).exec(text)?.[1] ?? 0),
    );
    if (atLeast(version, minimum)) return { path: folder, version };
  }
  return null;
}

function findFile(file) {
  const path = headerFolders.map((folder) => join(folder, file)).find(existsSync);
  return path ? { path } : null;
}

function findCmake() {
  const path = which("cmake");
  const version = path && parseVersion(capture(path, ["--version"]));
  return version && atLeast(version, minimumCmake) ? { path, version } : null;
}

function findFirst(...names) {
  for (const name of names) {
    const path = which(name);
    if (path) return { path };
  }
  return null;
}

/** The first Clang that comes with libFuzzer, which is a package of its own. */
function findFuzzer() {
  const folder = mkdtempSync(join(tmpdir(), "convgrad-fuzzer-"));
  try {
    const source = join(folder, "empty.cpp");
    const entry =
      'extern "C" int LLVMFuzzerTestOneInput(const char*, unsigned long) { return 0; }\n';
    writeFileSync(source, entry);
    const flags = ["-std=c++20", "-fsanitize=fuzzer,address,undefined", "-o", `${source}.out`];
    for (const name of ["clang++", "clang++-19", "clang++-18", "clang++-16", "clang++-14"]) {
      const path = which(name);
      if (path && capture(path, [...flags, source]) !== null) return { path };
    }
    return null;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Each tool as { path, ... } or null. */
export function findTools() {
  return {
    emcc: findEmcc(),
    cmake: findCmake(),
    ninja: findFirst("ninja"),
    make: findFirst("make"),
    cxx: process.env.CXX ? { path: process.env.CXX } : findFirst("c++", "g++", "clang++"),
    chromium: findFirst("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"),
    firefox: findFirst("firefox-esr", "firefox"),
    webkit: findFirst("WebKitWebDriver"),
    xvfb: findFirst("Xvfb"),
    fuzzer: findFuzzer(),
    xsimd: findHeaders(headers.xsimd),
    doctest: findHeaders(headers.doctest),
    benchmark: findFile(join("benchmark", "benchmark.h")),
  };
}

/**
 * What is missing for the goal: what to call it, Debian's names for it, whether nothing can be done
 * without it, and, where something can, what.
 */
export function missingTools(tools, goal) {
  const wanted = [
    {
      found: tools.emcc,
      what: `emcc ${minimumEmcc.join(".")} or newer (the Emscripten compiler; ${which("emcc") ? "the one on PATH is older or incomplete" : "none is on PATH"})`,
      debian: "emscripten",
      required: true,
    },
    {
      found: tools.cmake,
      what: `CMake ${minimumCmake.join(".")} or newer`,
      debian: "cmake",
      required: true,
    },
    {
      found: tools.ninja ?? tools.make,
      what: "ninja or make",
      debian: "ninja-build",
      required: true,
    },
    {
      found: tools.xsimd,
      what: "the headers of xsimd",
      debian: "libxsimd-dev",
      required: false,
      without: "CMake fetches them",
    },
    {
      found: tools.doctest,
      what: "the headers of doctest",
      debian: "doctest-dev",
      required: false,
      without: "CMake fetches them",
    },
  ];
  if (goal !== "build") {
    wanted.push(
      { found: tools.cxx, what: "a C++20 compiler", debian: "g++", required: true },
      {
        found: tools.chromium,
        what: "Chromium's headless shell (or Chromium, or Chrome)",
        debian: "chromium-headless-shell",
        required: true,
      },
    );
  }
  if (goal === "test") {
    const without = "the tests in it fail";
    wanted.push(
      { found: tools.firefox, what: "Firefox", debian: "firefox-esr", required: false, without },
      {
        found: tools.webkit,
        what: "WebKit's WebKitWebDriver",
        debian: "webkit2gtk-driver",
        required: false,
        without,
      },
      {
        found: tools.xvfb,
        what: "Xvfb, the screen that WebKit's browser draws on",
        debian: "xvfb",
        required: false,
        without: "the tests in WebKit fail",
      },
    );
    wanted.push({
      found: tools.fuzzer,
      what: "Clang with libFuzzer",
      debian: "clang-19 libclang-rt-19-dev",
      required: false,
      without: "the C++ entry points are not fuzzed",
    });
  }
  if (goal === "native benchmark") {
    wanted.push({
      found: tools.benchmark,
      what: "Google Benchmark",
      debian: "libbenchmark-dev",
      required: true,
    });
  }
  return wanted.filter((tool) => !tool.found);
}
