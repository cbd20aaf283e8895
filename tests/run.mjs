#!/usr/bin/env node
// `npm test`: sets up, builds, and runs every test; `npm test -- cpp package` runs those parts alone, and
// `npm test -- fuzz --seconds 3600 --seed 7` fuzzes for longer, and other calls.
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

const parts = ["cpp", "package", "fuzz", "builds", "page", "lint"];

function readArguments() {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: { seconds: { type: "string" }, seed: { type: "string" } },
    });
    const unknown = positionals.find((part) => !parts.includes(part));
    if (unknown) throw new Error(`no part "${unknown}"`);
    for (const [name, value] of Object.entries(values)) {
      if (!/^[1-9]\d*$/.test(value)) throw new Error(`--${name} is to be a number`);
    }
    return { selected: positionals.length > 0 ? positionals : parts, fuzzing: values };
  } catch (error) {
    const options = "[--seconds N] [--seed N]";
    console.error(`${error.message}\nusage: npm test [-- ${parts.join(" | ")} ... ${options}]`);
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

/** Of the package's tests those that are about what runs in Chromium, whatever Node has. */
const inChromium = ["browser.test.mjs", "csp.test.mjs", "policy.test.mjs"];

/** Node's test runner over every *.test.mjs below a folder of tests/, but for those left out. */
function nodeTests(folder, flags = [], without = []) {
  const files = readdirSync(join(root, "tests", folder), { recursive: true })
    .filter((name) => name.endsWith(".test.mjs") && !name.startsWith("node_modules"))
    .filter((name) => !without.includes(name))
    .map((name) => join("tests", folder, name))
    .sort();
  if (files.length === 0) throw new SetupError(`there is no *.test.mjs below tests/${folder}`);
  return [process.execPath, ...flags, "--test", "--test-reporter=spec", ...files];
}

/** The public API, and the C++ entry points where Clang has libFuzzer. */
function fuzzSteps() {
  const strict = "--disallow-code-generation-from-strings";
  const tests = (name, ...flags) => [
    ...[process.execPath, ...flags, "--test", "--test-reporter=spec"],
    join("tests", "fuzz", name),
  ];
  const relaxed = takesRelaxedFlag() ? [relaxedFlag] : [];
  const api = { name: "fuzz, API", commands: () => [tests("api.test.mjs", strict, ...relaxed)] };
  if (!state.fuzzer) {
    console.log("There is no Clang with libFuzzer: the C++ entry points are not fuzzed.");
    return [api];
  }
  const native = {
    name: "fuzz, C++",
    commands: () => [...presetCommands("fuzz"), tests("native.test.mjs")],
    env: { CXX: state.fuzzer },
  };
  return [api, native];
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
      const steps = [{ name: "package", commands: () => [nodeTests("package", [strict])] }];
      if (takesRelaxedFlag()) {
        steps.push({
          name: "package, relaxed SIMD",
          commands: () => [nodeTests("package", [strict, relaxedFlag], inChromium)],
        });
      }
      return steps;
    }
    case "fuzz":
      return fuzzSteps();
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

const { selected, fuzzing } = readArguments();
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
const environment = {
  ...cmakeEnvironment(state),
  ...(fuzzing.seconds && { CONVGRAD_FUZZ_SECONDS: fuzzing.seconds }),
  ...(fuzzing.seed && { CONVGRAD_FUZZ_SEED: fuzzing.seed }),
};
const steps = [...(needsBuild ? [buildFirst] : []), ...selected.flatMap(stepsOf)];

const results = [];
for (const step of steps) {
  results.push(await runStep(step, { ...environment, ...step.env }));
}
process.exitCode = summarize(results);
