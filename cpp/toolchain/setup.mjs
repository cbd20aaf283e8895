#!/usr/bin/env node
// Sets up what is missing to build convgrad, and nothing else: compiler, headers, npm packages.
//
//   node cpp/toolchain/setup.mjs          what `npm run build` needs
//   node cpp/toolchain/setup.mjs test     and what `npm test` needs: a native compiler, three browsers
//
// Plain Node without packages, because it is the first command after the clone. What it found goes
// to build/toolchain/toolchain.json, which emscripten.cmake and the scripts beside this file read.

import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as apt from "./setup/apt.mjs";
import * as emscripten from "./setup/emscripten.mjs";
import * as npm from "./setup/npm.mjs";
import { SetupError, say, stateFile, writeState } from "./setup/process.mjs";
import { findTools, missingTools } from "./setup/tools.mjs";

/**
 * Makes the machine ready and returns what it found (the content of toolchain.json).
 * @param {"build" | "test" | "benchmark" | "native benchmark"} goal
 */
export async function setUp(goal) {
  const started = performance.now();
  let changed = false;

  const wanted = missingTools(findTools(), goal);
  if (wanted.length > 0) changed = await apt.provide(wanted);
  const tools = findTools();
  const stillMissing = missingTools(tools, goal).filter((tool) => tool.required);
  if (stillMissing.length > 0) throw new SetupError(apt.advice(stillMissing));

  if (!npm.complete()) {
    await npm.install();
    changed = true;
  }

  let toolchain = emscripten.ready(tools.emcc);
  if (!toolchain) {
    toolchain = emscripten.prepare(tools.emcc);
    changed ||= toolchain.adapted;
  }
  const state = {
    node: process.execPath,
    cmake: tools.cmake.path,
    generator: tools.ninja ? "Ninja" : "Unix Makefiles",
    emscripten: toolchain,
    fuzzer: tools.fuzzer?.path ?? null,
  };
  writeState(state);

  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  say(
    changed
      ? `done in ${seconds} s (emcc ${toolchain.version}; found: ${stateFile})`
      : `complete (${seconds} s)`,
  );
  return state;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const goal = process.argv[2] ?? "build";
  if (!["build", "test"].includes(goal) || process.argv.length > 3) {
    console.error("usage: node cpp/toolchain/setup.mjs [build | test]");
    process.exit(2);
  }
  try {
    await setUp(goal);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`set-up: ${error.message}`);
    process.exit(1);
  }
}
