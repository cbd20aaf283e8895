#!/usr/bin/env node
// `npm run build`: sets up, compiles the WebAssembly modules, and leaves the package in dist/ and the
// static page in build/page/. With --serve (`npm start`) it then serves the page.

import { spawn } from "node:child_process";
import { existsSync, realpathSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { root, SetupError, stateFile } from "./setup/process.mjs";
import { setUp } from "./setup.mjs";

/** The presets whose C++ tests run too, and those that build the module alone. */
export const wasmPresets = ["wasm", "wasm-relaxed"];
const modulePresets = [...wasmPresets, "wasm-threads", "wasm-relaxed-threads"];
const pageConfig = join("web", "page", "vite.config.ts");

/** The environment of every cmake and ctest: the generator found by the set-up, all cores. */
export function cmakeEnvironment(state) {
  return {
    ...process.env,
    CMAKE_GENERATOR: process.env.CMAKE_GENERATOR ?? state.generator,
    CMAKE_BUILD_PARALLEL_LEVEL:
      process.env.CMAKE_BUILD_PARALLEL_LEVEL ?? `${availableParallelism()}`,
  };
}

/** The commands, as [program, ...arguments], that configure a preset and build all of it or a target. */
export function presetCommands(preset, target = "all") {
  // What an earlier configuration remembers is stale once the set-up found other tools.
  const cache = join(root, "build", preset, "CMakeCache.txt");
  const stale =
    existsSync(cache) && statSync(cache).mtimeMs < statSync(join(root, stateFile)).mtimeMs;
  return [
    ["cmake", "--preset", preset, ...(stale ? ["--fresh"] : [])],
    ["cmake", "--build", "--preset", preset, "--target", target],
  ];
}

/** All modules (without their C++ tests), and the package around them. */
export const packageCommands = () => [
  ...modulePresets.flatMap((preset) => presetCommands(preset, "convgrad_module")),
  [process.execPath, join("web", "package", "build.mjs")],
  // The package's custom elements are parts of the page.
  [process.execPath, join("web", "page", "element.mjs")],
];
/** The page as a site, and then as one file beside it. */
export const pageCommands = [pageConfig, join("web", "page", "vite.single.config.ts")].map(
  (config) => [
    process.execPath,
    join("node_modules", "vite", "bin", "vite.js"),
    "build",
    "--config",
    config,
  ],
);

function run([command, ...args], env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, env, stdio: "inherit" });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0) resolve();
      else
        reject(
          new SetupError(
            `failed (${signal ?? `exit code ${code}`}): ${[command, ...args].join(" ")}`,
          ),
        );
    });
  });
}

async function build() {
  const state = await setUp("build");
  const commands = [...packageCommands(), ...pageCommands];
  for (const command of commands) await run(command, cmakeEnvironment(state));
  console.log("built: the package in dist/, the page in build/page/");
}

async function serve() {
  const { preview } = await import("vite");
  const server = await preview({ root, configFile: join(root, pageConfig) });
  console.log("\nThe page is served, isolated from other origins, until Ctrl-C:");
  server.printUrls();
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    await build();
    if (process.argv[2] === "--serve") await serve();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`build: ${error.message}`);
    process.exit(1);
  }
}
