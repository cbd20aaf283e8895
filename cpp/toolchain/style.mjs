#!/usr/bin/env node
// `npm run format` and `npm run lint`: clang-format for C++, Biome for everything else, and the types
// of the page, which its bundler does not check.
//
//   node cpp/toolchain/style.mjs format | lint

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root, SetupError, which } from "./setup/process.mjs";
import { setUp } from "./setup.mjs";

const modules = "node_modules";
const biome = (...args) => [
  process.execPath,
  join(modules, "@biomejs", "biome", "bin", "biome"),
  ...args,
];

/** Type checks of what is not compiled by tsc anyway; they read the package's built declarations. */
export const typeCommands = [
  join("web", "page"),
  // The service worker's world is not the page's.
  join("web", "page", "src", "offline"),
].map((project) => [
  process.execPath,
  join(modules, "typescript", "bin", "tsc"),
  "--noEmit",
  "-p",
  project,
]);
export const lintCommands = [biome("check", "--error-on-warnings", ".")];
const formatCommands = [biome("check", "--write", ".")];

function clangFormatCommands(...args) {
  const listed = spawnSync("git", ["ls-files", "-co", "--exclude-standard", "--", "*.cpp", "*.h"], {
    cwd: root,
    encoding: "utf8",
  });
  const files = (listed.stdout ?? "").split("\n").filter((file) => file !== "");
  if (!which("clang-format")) {
    console.log("clang-format is not installed: the C++ sources are left out");
    return [];
  }
  return files.length > 0 ? [["clang-format", ...args, ...files]] : [];
}

const commandsOf = {
  format: () => [...clangFormatCommands("-i"), ...formatCommands],
  lint: () => [...clangFormatCommands("--dry-run", "--Werror"), ...lintCommands, ...typeCommands],
};

async function main(task) {
  const commands = commandsOf[task];
  if (!commands) {
    console.error("usage: node cpp/toolchain/style.mjs format | lint");
    return 2;
  }
  await setUp("build");
  let failed = 0;
  for (const [command, ...args] of commands()) {
    failed += spawnSync(command, args, { cwd: root, stdio: "inherit" }).status === 0 ? 0 : 1;
  }
  return failed === 0 ? 0 : 1;
}

if (process.argv[1]?.endsWith("style.mjs")) {
  try {
    process.exitCode = await main(process.argv[2]);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
