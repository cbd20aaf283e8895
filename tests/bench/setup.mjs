// Makes the bench ready: tools and package as `npm run build` does, the peers by `npm ci` in this
// folder, the roofline modules in build/roofline/.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cmakeEnvironment, packageCommands } from "../../cpp/toolchain/build.mjs";
import * as npm from "../../cpp/toolchain/setup/npm.mjs";
import { readState, root, SetupError } from "../../cpp/toolchain/setup/process.mjs";
import { setUp } from "../../cpp/toolchain/setup.mjs";

const folder = join("tests", "bench");

/** What the set-up found; with `build`, the package is up to date afterwards. */
export async function prepare({ build, modes }) {
  const goal = modes.includes("native") ? "native benchmark" : "benchmark";
  const state = (build ? null : readState()) ?? (await setUp(goal));
  if (build || !existsSync(join(root, "dist", "index.js"))) {
    for (const command of packageCommands()) runQuietly(command, cmakeEnvironment(state));
  }
  if (!npm.complete(folder)) await npm.install(folder);
  await assembleRooflines();
  return state;
}

/** Runs a command to its end; what it printed shows only when it fails. */
export function runQuietly([command, ...args], env) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, env, encoding: "utf8" });
  if (status === 0) return;
  throw new SetupError(`failed: ${[command, ...args].join(" ")}\n${stdout}${stderr}`);
}

async function assembleRooflines() {
  const { assemble, kinds } = await import("./roofline.mjs"); // needs what the set-up installed
  const built = join(root, "build", "roofline");
  mkdirSync(built, { recursive: true });
  for (const kind of kinds) writeFileSync(join(built, `${kind}.wasm`), assemble(kind));
}
