#!/usr/bin/env node
// `npm test`: sets up, builds, and runs every test; `npm test -- cpp package` runs those parts alone.
//
// A failure does not keep the rest from running, but what was to follow it in the same step is left
// out. At the end stand the runners' own summaries, a table of times, and the exit code.

import { readdirSync, readFileSync } from "node:fs";
import { arch } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  cmakeEnvironment,
  packageCommands,
  pageCommands,
  presetCommands,
  wasmPresets,
} from "../cpp/toolchain/build.mjs";
import { capture, root, SetupError } from "../cpp/toolchain/setup/process.mjs";
import { setUp } from "../cpp/toolchain/setup.mjs";
import { lintCommands, typeCommands } from "../cpp/toolchain/style.mjs";
import { runStep, summarize } from "./steps.mjs";

const parts = ["cpp", "package", "builds", "page", "lint"];

function selectedParts() {
  try {
    const { positionals } = parseArgs({ allowPositionals: true, options: {} });
    const unknown = positionals.find((part) => !parts.includes(part));
    if (unknown) throw new Error(`no part "${unknown}"`);
    return positionals.length > 0 ? positionals : parts;
  } catch (error) {
    console.error(`${error.message}\nusage: npm test [-- ${parts.join(" | ")} ...]`);
    process.exit(2);
  }
}

/** The native presets that this machine can run, telling which it cannot. */
function nativePresets() {
  if (arch() !== "x64") {
    console.log(`This CPU is ${arch()}: "native" takes the place of sse2 and avx2.`);
    return ["native", "asan-ubsan"];
  }
  if (!hasAvx2()) {
    console.log("This CPU has no AVX2 with FMA: the preset avx2 is left out.");
    return ["sse2", "asan-ubsan"];
  }
  return ["sse2", "avx2", "asan-ubsan"];
}

function hasAvx2() {
  try {
    const flags =
      /^flags\s*:(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1].split(" ") ?? [];
    return flags.includes("avx2") && flags.includes("fma");
  } catch {
    return /avx2/i.test(capture("sysctl", ["-n", "machdep.cpu.leaf7_features"]) ?? "");
  }
}

const relaxedFlag = "--experimental-wasm-relaxed-simd";
const takesRelaxedFlag = () => capture(process.execPath, [relaxedFlag, "-e", "0"]) !== null;

/** Node's test runner over every *.test.mjs below a folder of tests/. */
function nodeTests(folder, ...flags) {
  const files = readdirSync(join(root, "tests", folder), { recursive: true })
    .filter((name) => name.endsWith(".test.mjs") && !name.startsWith("node_modules"))
    .map((name) => join("tests", folder, name))
    .sort();
  if (files.length === 0) throw new SetupError(`there is no *.test.mjs below tests/${folder}`);
  return [process.execPath, ...flags, "--test", "--test-reporter=spec", ...files];
}

function stepsOf(part) {
  const ctest = (preset) => ["ctest", "--preset", preset];
  switch (part) {
    case "cpp":
      return [...nativePresets(), ...wasmPresets].map((preset) => ({
        name: `cpp ${preset}`,
        commands: () => [...presetCommands(preset), ctest(preset)],
        log: join("build", preset, "Testing", "Temporary", "LastTest.log"),
      }));
    case "package": {
      const strict = "--disallow-code-generation-from-strings";
      const steps = [{ name: "package", commands: () => [nodeTests("package", strict)] }];
      if (takesRelaxedFlag()) {
        steps.push({
          name: "package, relaxed SIMD",
          commands: () => [nodeTests("package", strict, relaxedFlag)],
        });
      }
      return steps;
    }
    case "builds": {
      const install = [process.execPath, join("tests", "builds", "setup.mjs")];
      return [{ name: "builds and examples", commands: () => [install, nodeTests("builds")] }];
    }
    case "page":
      return [{ name: "page", commands: () => [...pageCommands, nodeTests("page")] }];
    default:
      return [{ name: "lint and types", commands: () => [...lintCommands, ...typeCommands] }];
  }
}

const selected = selectedParts();
let state;
try {
  state = await setUp("test");
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`set-up: ${error.message}`);
  process.exit(1);
}

// Package, page and its types rest on the package's build.
const buildFirst = {
  name: "build of the package",
  commands: packageCommands,
};
const needsBuild = selected.some((part) => part !== "cpp");
const steps = [...(needsBuild ? [buildFirst] : []), ...selected.flatMap(stepsOf)];

const results = [];
for (const step of steps) {
  results.push(
    await runStep(step, { ...cmakeEnvironment(state), CONVGRAD_CHROMIUM: state.chromium ?? "" }),
  );
}
process.exitCode = summarize(results);
